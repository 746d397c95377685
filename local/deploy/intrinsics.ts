/** What the names in a template stand for; `undefined` where there is none such. */
export interface TemplateNames {
  /** The value of `Ref` to a resource, a parameter or a pseudo parameter. */
  ref(name: string): string | readonly string[] | undefined
  /** The value of `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): string | undefined
  /** Whether a condition of the template is met. */
  condition?(name: string): boolean | undefined
  /** What any stack exports under that name. */
  exported?(name: string): unknown
  /** An output of any stack. */
  stackOutput?(stackName: string, outputName: string): unknown
  /** An entry of the template's mappings. */
  mapped?(mapName: string, topLevelKey: string, secondLevelKey: string): unknown
}

/** What a template writes for a property that is to be as if it were not there. */
const noValue = 'AWS::NoValue'

/**
 * A template value with its intrinsic functions replaced; members and items that are `AWS::NoValue` are left out, and
 * alone it is `undefined`.
 * @throws Error that names an intrinsic, or what one refers to, that is not known here.
 */
export function resolveIntrinsics(value: unknown, names: TemplateNames): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolveIntrinsics(item, names)).filter((item) => item !== undefined)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (first !== undefined && entries.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
    return resolveIntrinsic(first[0], first[1], names)
  }
  return Object.fromEntries(
    entries
      .map(([key, item]) => [key, resolveIntrinsics(item, names)] as const)
      .filter(([, item]) => item !== undefined),
  )
}

function resolveIntrinsic(name: string, argument: unknown, names: TemplateNames): unknown {
  const resolved = (): unknown => resolveIntrinsics(argument, names)
  switch (name) {
    case 'Ref':
      return argument === noValue ? undefined : known(names.ref(String(argument)), `Ref ${String(argument)}`)
    case 'Fn::GetAtt': {
      const [logicalId = '', ...path] =
        typeof argument === 'string' ? argument.split('.') : textList(argument, name)
      const attribute = path.join('.')
      return known(names.attribute(logicalId, attribute), `${name} ${logicalId}.${attribute}`)
    }
    case 'Fn::Join': {
      const [separator, items] = Array.isArray(argument) ? (argument as unknown[]) : []
      return textList(resolveIntrinsics(items, names), name).join(String(separator))
    }
    case 'Fn::Sub':
      return substitute(argument, names)
    case 'Fn::Select':
      return select(resolved(), name)
    case 'Fn::Split': {
      const [separator = '', text = ''] = textList(resolved(), name)
      return text.split(separator)
    }
    case 'Fn::If': {
      const [condition, met, unmet] = Array.isArray(argument) ? (argument as unknown[]) : []
      const isMet = known(names.condition?.(String(condition)), `${name} ${String(condition)}`)
      return resolveIntrinsics(isMet ? met : unmet, names)
    }
    case 'Fn::FindInMap': {
      const [mapName = '', topLevelKey = '', secondLevelKey = ''] = textList(resolved(), name)
      const entry = names.mapped?.(mapName, topLevelKey, secondLevelKey)
      return known(entry, `${name} ${mapName}.${topLevelKey}.${secondLevelKey}`)
    }
    case 'Fn::ImportValue': {
      const exportName = String(resolved())
      return known(names.exported?.(exportName), `${name} ${exportName}`)
    }
    case 'Fn::GetStackOutput': {
      const { StackName: stackName, OutputName: outputName } = Object(resolved()) as Record<string, unknown>
      const output = names.stackOutput?.(String(stackName), String(outputName))
      return known(output, `${name} ${String(stackName)}.${String(outputName)}`)
    }
    default:
      throw new Error(`the intrinsic function ${name} is not supported locally`)
  }
}

function select(argument: unknown, name: string): unknown {
  const [index, items] = Array.isArray(argument) ? (argument as unknown[]) : []
  return known(Array.isArray(items) ? items[Number(index)] : undefined, `${name} ${String(index)}`)
}

function substitute(argument: unknown, names: TemplateNames): string {
  const [pattern, own] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}]
  const variables = new Map(Object.entries(resolveIntrinsics(own, names) ?? {}))
  return String(pattern).replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`
    const variable: unknown = variables.get(name)
    if (typeof variable === 'string' || typeof variable === 'number') return String(variable)
    const [logicalId = '', ...attribute] = name.split('.')
    const value = attribute.length === 0 ? names.ref(name) : names.attribute(logicalId, attribute.join('.'))
    return String(known(value, `Fn::Sub \${${name}}`))
  })
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} refers to nothing that is known locally`)
  return value
}

function textList(value: unknown, intrinsic: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error(`${intrinsic} is not given a list of texts`)
}
