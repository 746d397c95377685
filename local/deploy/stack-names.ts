import type { AssemblyStack, Template } from './assembly.ts'
import { isMet } from './conditions.ts'
import { resolveIntrinsics, type TemplateNames } from './intrinsics.ts'
import {
  localAccountId,
  localRegion,
  nameProperty,
  type ResourceName,
  resourceName,
} from './resource-names.ts'

/** The names in one stack's template, and what of the template is deployed at all. */
export interface StackNames extends TemplateNames {
  /** What a resource is called; `undefined` for one that is not there, or whose condition is not met. */
  resource(logicalId: string): ResourceName | undefined
  /** Whether what has that `Condition` is deployed; without one it is. */
  isDeployed(condition: string | undefined): boolean
}

/** The names in each of several stacks, which may refer to each other. */
export function namesInStacks(stacks: readonly AssemblyStack[]): ReadonlyMap<AssemblyStack, StackNames> {
  const all = new Map<AssemblyStack, StackNames>()
  const underWay = new Set<string>()
  /** Works out what may need itself. */
  const once = <T>(what: string, work: () => T): T => {
    if (underWay.has(what)) throw new Error(`${what} refers to itself`)
    underWay.add(what)
    try {
      return work()
    } finally {
      underWay.delete(what)
    }
  }
  const outputsOf = function* (): Generator<readonly [AssemblyStack, StackNames, string, Output]> {
    for (const [stack, names] of all) {
      for (const [name, output] of Object.entries(stack.template.Outputs)) {
        if (names.isDeployed(output.Condition)) yield [stack, names, name, output]
      }
    }
  }
  const exported = (name: string): unknown =>
    once(`the export ${name}`, () => {
      for (const [, names, , { Export, Value }] of outputsOf()) {
        if (Export !== undefined && resolveIntrinsics(Export.Name, names) === name)
          return resolveIntrinsics(Value, names)
      }
      return undefined
    })
  const stackOutput = (stackName: string, outputName: string): unknown =>
    once(`the output ${stackName}.${outputName}`, () => {
      for (const [stack, names, name, { Value }] of outputsOf()) {
        if (stack.name === stackName && name === outputName) return resolveIntrinsics(Value, names)
      }
      return undefined
    })
  for (const stack of stacks) all.set(stack, namesInStack(stack, { exported, stackOutput }, once))
  return all
}

type Output = Template['Outputs'][string]

function namesInStack(
  { name: stackName, template }: AssemblyStack,
  otherStacks: Pick<TemplateNames, 'exported' | 'stackOutput'>,
  once: <T>(what: string, work: () => T) => T,
): StackNames {
  const resource = (logicalId: string): ResourceName | undefined => {
    const found = own(template.Resources, logicalId)
    if (found === undefined || !names.isDeployed(found.Condition)) return undefined
    const { Type: type, Properties: properties = {} } = found
    const given = properties[nameProperty(type) ?? '']
    const givenName = once(`the name of ${logicalId}`, () => resolveIntrinsics(given, names))
    return resourceName(type, stackName, logicalId, typeof givenName === 'string' ? givenName : undefined)
  }
  const names: StackNames = {
    ...otherStacks,
    resource,
    isDeployed: (condition) => condition === undefined || isMet({ Condition: condition }, names),
    ref: (name) =>
      pseudoParameter(name, stackName) ??
      resource(name)?.ref ??
      parameter(own(template.Parameters, name), name),
    attribute: (logicalId, attribute) => {
      const of = own(attributes, own(template.Resources, logicalId)?.Type ?? '') ?? { Arn: 'arn' }
      const what = own(of, attribute)
      return what && resource(logicalId)?.[what]
    },
    condition: (name) => {
      const expression = own(template.Conditions, name)
      if (expression === undefined) return undefined
      return once(`the condition ${name}`, () => isMet(expression, names))
    },
    mapped: (mapName, topLevelKey, secondLevelKey) =>
      own(own(own(template.Mappings, mapName), topLevelKey), secondLevelKey),
  }
  return names
}

/** What `Fn::GetAtt` gives, where it is not `Arn` alone. */
const attributes: Readonly<Record<string, Readonly<Record<string, keyof ResourceName>>>> = {
  'AWS::DynamoDB::GlobalTable': { Arn: 'arn', StreamArn: 'streamArn' },
  'AWS::DynamoDB::Table': { Arn: 'arn', StreamArn: 'streamArn' },
  'AWS::KMS::Key': { Arn: 'arn', KeyId: 'name' },
  'AWS::Lambda::EventSourceMapping': { EventSourceMappingArn: 'arn', Id: 'name' },
  'AWS::SecretsManager::Secret': { Id: 'arn' },
  'AWS::SQS::Queue': { Arn: 'arn', QueueName: 'name', QueueUrl: 'ref' },
  'AWS::SNS::Topic': { TopicArn: 'arn', TopicName: 'name' },
}

function pseudoParameter(name: string, stackName: string): string | undefined {
  switch (name) {
    case 'AWS::Region':
      return localRegion
    case 'AWS::AccountId':
      return localAccountId
    case 'AWS::Partition':
      return 'aws'
    case 'AWS::URLSuffix':
      return 'amazonaws.com'
    case 'AWS::StackName':
      return stackName
    case 'AWS::StackId':
      return `arn:aws:cloudformation:${localRegion}:${localAccountId}:stack/${stackName}/local`
    default:
      return undefined
  }
}

function parameter(
  found: Template['Parameters'][string] | undefined,
  name: string,
): string | string[] | undefined {
  if (found === undefined) return undefined
  const { Type: type = 'String', Default: value } = found
  // Its default is the place of the value, not the value.
  if (type.startsWith('AWS::SSM::')) throw new Error(`the parameter ${name} is one of SSM, which is not here`)
  if (value === undefined)
    throw new Error(`the parameter ${name} has no default, and nothing else gives it a value`)
  const isList = type === 'CommaDelimitedList' || type.startsWith('List<')
  return isList ? value.split(',').map((item) => item.trim()) : value
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}
