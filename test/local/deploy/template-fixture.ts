import type { AssemblyStack, Template } from '../../../local/deploy/assembly.ts'

/** Of a resource. */
export type Properties = Readonly<Record<string, unknown>>

export const stream = { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 3 } }
export const role = { Type: 'AWS::IAM::Role', Properties: {} }

export function functionWith(properties: Properties = {}) {
  const code = { S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}' }, S3Key: 'c0de.zip' }
  const required = { Code: code, Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } }
  return { Type: 'AWS::Lambda::Function', Properties: { ...required, ...properties } }
}

export function mappingWith(properties: Properties = {}) {
  const required = {
    EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
    FunctionName: { Ref: 'Function' },
    StartingPosition: 'TRIM_HORIZON',
  }
  return { Type: 'AWS::Lambda::EventSourceMapping', Properties: { ...required, ...properties } }
}

export function stackOf(
  resources: Template['Resources'],
  more: Partial<Template> = {},
  name = 'dev',
): AssemblyStack {
  const template = {
    Parameters: {},
    Mappings: {},
    Conditions: {},
    Outputs: {},
    Resources: resources,
    ...more,
  }
  return { name, template, assetPaths: new Map([['c0de', '/assembly/asset.c0de']]) }
}
