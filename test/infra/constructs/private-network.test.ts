import { describe, expect, it } from 'vitest'
import { templateOf } from '../synthesised.ts'

const template = templateOf({ shardCount: 1, parallelizationFactor: 1, natGateways: 1 })

describe('a network', () => {
  it('holds the functions in private subnets, in a group of which nothing but TLS goes out', () => {
    for (const [, { Properties }] of template.ofType('AWS::Lambda::Function'))
      expect(Properties).toMatchObject({
        VpcConfig: {
          SecurityGroupIds: ['{NetworkFunctions.GroupId}'],
          SubnetIds: ['{NetworkVpcFunctionsSubnet1Subnet}', '{NetworkVpcFunctionsSubnet2Subnet}'],
        },
      })
    const group = template.properties('NetworkFunctions')
    expect(group).not.toHaveProperty('SecurityGroupIngress')
    expect(group).toMatchObject({
      SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }],
    })
  })

  it('reaches the secret and the bucket without the internet, and Momento by its gateway', () => {
    const endpoints = template.ofType('AWS::EC2::VPCEndpoint').map(([id]) => id)
    expect(endpoints.sort()).toEqual(['NetworkVpcS3', 'NetworkVpcSecretsManager'])
    expect(template.ofType('AWS::EC2::NatGateway')).toHaveLength(1)
    expect(template.ofType('AWS::EC2::FlowLog')).toHaveLength(1)
  })

  it('has as many gateways as are asked for', () => {
    const two = templateOf({ shardCount: 1, parallelizationFactor: 1, natGateways: 2 })
    expect(two.ofType('AWS::EC2::NatGateway')).toHaveLength(2)
  })
})

it('without it functions have none', () => {
  const prod = templateOf('prod')
  expect(prod.ofType('AWS::EC2::VPC')).toEqual([])
  expect(prod.properties('FlightsFunction')).not.toHaveProperty('VpcConfig')
})
