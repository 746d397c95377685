import { createHash } from 'node:crypto'

/** Where everything local is deployed. */
export const localRegion = 'us-east-1'
export const localAccountId = '000000000000'

/** What a resource is called, and what a template that refers to it gets. */
export interface ResourceName {
  readonly name: string
  readonly arn: string
  readonly ref: string
}

type Naming = (stackName: string, logicalId: string) => ResourceName

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${localRegion}:${localAccountId}:${resource}`

const byName =
  (arnOf: (name: string) => string, maximumLength: number): Naming =>
  (stackName, logicalId) => {
    const full = `${stackName}-${logicalId}`
    // The end of a logical id is its hash: what makes it unique.
    const name = full.length <= maximumLength ? full : full.slice(-maximumLength)
    return { name, arn: arnOf(name), ref: name }
  }

const unused = byName((name) => arn('local', name), 512)

const bucket: Naming = (stackName, logicalId) => {
  const name = `${stackName}-${logicalId}`.toLowerCase().slice(-63).replace(/^-+/, '')
  return { name, arn: `arn:aws:s3:::${name}`, ref: name }
}

const secret: Naming = (stackName, logicalId) => {
  const name = `${stackName}-${logicalId}`
  const secretArn = arn('secretsmanager', `secret:${name}-${digest(name).slice(0, 6)}`)
  return { name, arn: secretArn, ref: secretArn }
}

const mapping: Naming = (stackName, logicalId) => {
  const hex = digest(`${stackName}-${logicalId}`)
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
  return { name: uuid, arn: arn('lambda', `event-source-mapping:${uuid}`), ref: uuid }
}

/**
 * The resource types that a template may hold. All but the first five are accepted without any effect: they decide who
 * may do what, or what is shown, and locally everybody may and nothing is.
 */
const namings: Readonly<Record<string, Naming>> = {
  'AWS::Kinesis::Stream': byName((name) => arn('kinesis', `stream/${name}`), 128),
  'AWS::Lambda::Function': byName((name) => arn('lambda', `function:${name}`), 64),
  'AWS::Lambda::EventSourceMapping': mapping,
  'AWS::S3::Bucket': bucket,
  'AWS::SecretsManager::Secret': secret,

  'AWS::IAM::Role': byName((name) => `arn:aws:iam::${localAccountId}:role/${name}`, 64),
  'AWS::IAM::Policy': unused,
  'AWS::S3::BucketPolicy': unused,
  'AWS::Logs::LogGroup': byName((name) => arn('logs', `log-group:${name}:*`), 512),
  'AWS::CloudWatch::Dashboard': unused,
  'AWS::CloudWatch::Alarm': byName((name) => arn('cloudwatch', `alarm:${name}`), 255),
  'AWS::SNS::Topic': byName((name) => arn('sns', name), 256),
  'AWS::CDK::Metadata': unused,
}

/**
 * What a resource is called locally. The same template always gets the same names.
 * @throws Error that names a resource type which cannot be deployed locally.
 */
export function resourceName(type: string, stackName: string, logicalId: string): ResourceName {
  const naming = Object.hasOwn(namings, type) ? namings[type] : undefined
  if (naming === undefined)
    throw new Error(`${logicalId}: the resource type ${type} is not supported locally`)
  return naming(stackName, logicalId)
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
