import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

/** What Lambda does with a function's role to put the function into a network (its page on attaching to a VPC). */
const interfaceActions = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
]

export interface PrivateNetworkProps {
  /** 2 keep functions running when one of the two zones fails; 1 costs half. */
  readonly natGateways: 1 | 2
  /** Of the log of refused connections. Default one month. */
  readonly logRetention?: RetentionDays
  /** Encrypts that log. Default CloudWatch's own key. */
  readonly encryptionKey?: IKey
}

/**
 * A network for functions that may not be outside of one: private subnets in two zones. Lambda polls the sources and
 * writes the logs from its own network, so the functions themselves call three things: Secrets Manager and S3, through
 * endpoints, and Momento, through a NAT gateway, as it is on the internet.
 */
export class PrivateNetwork extends Construct {
  readonly vpc: IVpc
  /** Of the functions: nothing comes in, and only TLS goes out. */
  readonly securityGroup: ISecurityGroup

  constructor(
    scope: Construct,
    id: string,
    { natGateways, logRetention, encryptionKey }: PrivateNetworkProps,
  ) {
    super(scope, id)
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways,
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false, cidrMask: 28 },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      // Nothing is in the default group; to empty it would take a function that may change groups.
      restrictDefaultSecurityGroup: false,
    })
    this.vpc = vpc as IVpc
    this.securityGroup = new SecurityGroup(this, 'Functions', {
      vpc: this.vpc,
      description: 'The functions: nothing in, TLS out',
      allowAllOutbound: false,
    })
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Secrets Manager, S3 and Momento')
    const secrets = vpc.addInterfaceEndpoint('SecretsManager', {
      service: InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      open: false,
    })
    secrets.connections.allowFrom(this.securityGroup, Port.tcp(443), 'The functions')
    const refused = new LogGroup(this, 'Refused', {
      retention: logRetention ?? RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    })
    vpc.addFlowLog('FlowLog', {
      destination: FlowLogDestination.toCloudWatchLogs(refused),
      trafficType: FlowLogTrafficType.REJECT,
    })
  }
}

/** Lets Lambda put functions of that role into a network, and their own code do nothing of the kind. */
export function grantNetworkInterfaces(role: Role): void {
  role.addToPolicy(new PolicyStatement({ actions: interfaceActions, resources: ['*'] }))
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: interfaceActions,
      resources: ['*'],
      // Set on calls that a function's code makes, and not on those that Lambda makes for it.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  )
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'Interfaces have no names before Lambda makes them, and describing them knows no resources.',
  })
}
