import { createHash } from 'node:crypto'

/** Where everything local is deployed. */
export const localRegion = 'us-east-1'
export const localAccountId = '000000000000'
/**
 * Where AWS has the queues of that region. A plan names queues by it, as it is not known before the stack runs where
 * they are here.
 */
export const plannedSqsEndpoint = `https://sqs.${localRegion}.amazonaws.com`

/** What a resource is called, and what a template that refers to it gets. */
export interface ResourceName {
  readonly name: string
  readonly arn: string
  readonly ref: string
  /** Of a table: its stream's, if it has one. */
  readonly streamArn?: string
}

interface Naming {
  /** The property by which a template chooses the name itself. */
  readonly nameProperty?: string
  readonly maximumLength: number
  readonly arnOf: (name: string) => string
  /** What `Ref` gives: mostly the name. */
  readonly refIs?: 'arn'
  /** Or an address. */
  readonly refOf?: (name: string) => string
  readonly streamArnOf?: (name: string) => string
  /** Makes a name such as the service takes. */
  readonly form?: (name: string) => string
}

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${localRegion}:${localAccountId}:${resource}`

/**
 * AWS labels a table's stream with the time of its creation. Here the label is always the same, so that all names follow
 * from the template alone.
 */
const streamLabel = '2012-08-10T00:00:00.000'

const tableNaming: Naming = {
  nameProperty: 'TableName',
  maximumLength: 255,
  arnOf: (name) => arn('dynamodb', `table/${name}`),
  streamArnOf: (name) => arn('dynamodb', `table/${name}/stream/${streamLabel}`),
}

const unused: Naming = { maximumLength: 512, arnOf: (name) => arn('local', name) }

/**
 * The resource types that a template may hold. All but the first eight are accepted without any effect: they decide who
 * may do what, what is shown, or what becomes of things at their end; and locally everybody may, nothing is shown, and
 * all ends with the stack.
 */
const namings: Readonly<Record<string, Naming>> = {
  'AWS::Kinesis::Stream': {
    nameProperty: 'Name',
    maximumLength: 128,
    arnOf: (name) => arn('kinesis', `stream/${name}`),
  },
  'AWS::DynamoDB::Table': tableNaming,
  'AWS::DynamoDB::GlobalTable': tableNaming,
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    maximumLength: 64,
    arnOf: (name) => arn('lambda', `function:${name}`),
  },
  'AWS::Lambda::EventSourceMapping': {
    maximumLength: 512,
    arnOf: (name) => arn('lambda', `event-source-mapping:${name}`),
    form: (name) => digest(name).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    maximumLength: 63,
    arnOf: (name) => `arn:aws:s3:::${name}`,
    form: (name) => name.toLowerCase(),
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    maximumLength: 80,
    arnOf: (name) => arn('sqs', name),
    refOf: (name) => `${plannedSqsEndpoint}/${localAccountId}/${name}`,
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    maximumLength: 512,
    arnOf: (name) => arn('secretsmanager', `secret:${name}-${digest(name).slice(0, 6)}`),
    refIs: 'arn',
  },

  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    maximumLength: 64,
    arnOf: (name) => `arn:aws:iam::${localAccountId}:role/${name}`,
  },
  'AWS::IAM::Policy': unused,
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    maximumLength: 128,
    arnOf: (name) => `arn:aws:iam::${localAccountId}:policy/${name}`,
    refIs: 'arn',
  },
  'AWS::KMS::Key': { maximumLength: 256, arnOf: (name) => arn('kms', `key/${name}`) },
  'AWS::KMS::Alias': unused,
  'AWS::Lambda::Permission': unused,
  'AWS::S3::BucketPolicy': unused,
  'AWS::SecretsManager::ResourcePolicy': unused,
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    maximumLength: 512,
    arnOf: (name) => arn('logs', `log-group:${name}:*`),
  },
  'AWS::Logs::MetricFilter': unused,
  'AWS::CloudWatch::Dashboard': unused,
  'AWS::CloudWatch::Alarm': {
    nameProperty: 'AlarmName',
    maximumLength: 255,
    arnOf: (name) => arn('cloudwatch', `alarm:${name}`),
  },
  'AWS::CloudWatch::CompositeAlarm': {
    nameProperty: 'AlarmName',
    maximumLength: 255,
    arnOf: (name) => arn('cloudwatch', `alarm:${name}`),
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    maximumLength: 256,
    arnOf: (name) => arn('sns', name),
    refIs: 'arn',
  },
  'AWS::SNS::TopicPolicy': unused,
  'AWS::SQS::QueuePolicy': unused,
  'AWS::CDK::Metadata': unused,
}

/**
 * What a resource is called locally: as its template says with the type's {@link nameProperty}, or after its stack and
 * logical id. The same template always gets the same names.
 * @throws Error that names a resource type which cannot be deployed locally.
 */
export function resourceName(
  type: string,
  stackName: string,
  logicalId: string,
  givenName?: string,
): ResourceName {
  const { maximumLength, arnOf, refIs, refOf, streamArnOf, form = (text) => text } = namingOf(type)
  const name = givenName ?? form(cut(`${stackName}-${logicalId}`, maximumLength))
  return {
    name,
    arn: arnOf(name),
    ref: refIs === 'arn' ? arnOf(name) : (refOf?.(name) ?? name),
    ...(streamArnOf && { streamArn: streamArnOf(name) }),
  }
}

/**
 * The property by which a template may name a resource of that type; `undefined` where there is none.
 * @throws Error that names a resource type which cannot be deployed locally.
 */
export function nameProperty(type: string): string | undefined {
  return namingOf(type).nameProperty
}

function namingOf(type: string): Naming {
  const naming = Object.hasOwn(namings, type) ? namings[type] : undefined
  if (naming === undefined) throw new Error(`the resource type ${type} is not supported locally`)
  return naming
}

/** What is cut off would tell stacks apart, so a hash of it all stands in; the end tells a stack's resources apart. */
function cut(name: string, maximumLength: number): string {
  if (name.length <= maximumLength) return name
  const hash = digest(name).slice(0, 8)
  return `${hash}${name.slice(hash.length - maximumLength)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
