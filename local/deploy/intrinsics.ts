/** What the names in a template stand for. */
export interface TemplateNames {
  /** The value of `Ref` to a resource, a parameter or a pseudo parameter; `undefined` where there is none such. */
  ref(name: string): string | undefined
  /** The value of `Fn::GetAtt`; `undefined` where there is none such. */
  attribute(logicalId: string, attribute: string): string | undefined
}

/**
 * A template value with its intrinsic functions replaced: `Ref`, `Fn::GetAtt`, `Fn::Join` and `Fn::Sub`.
 * @throws Error that names an intrinsic, or what one refers to, that is not known here.
 */
export function resolveIntrinsics(value: unknown, names: TemplateNames): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, names))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (first !== undefined && entries.length === 1 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
    return resolveIntrinsic(first[0], first[1], names)
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, resolveIntrinsics(item, names)]))
}

function resolveIntrinsic(name: string, argument: unknown, names: TemplateNames): string {
  switch (name) {
    case 'Ref':
      return known(names.ref(String(argument)), `Ref ${String(argument)}`)
    case 'Fn::GetAtt': {
      const [logicalId = '', attribute = ''] =
        typeof argument === 'string' ? argument.split('.') : textList(argument, name)
      return known(names.attribute(logicalId, attribute), `Fn::GetAtt ${logicalId}.${attribute}`)
    }
    case 'Fn::Join': {
      const [separator, items] = Array.isArray(argument) ? (argument as unknown[]) : []
      return textList(resolveIntrinsics(items, names), name).join(String(separator))
    }
    case 'Fn::Sub':
      return substitute(argument, names)
    default:
      throw new Error(`the intrinsic function ${name} is not supported locally`)
  }
}

function substitute(argument: unknown, names: TemplateNames): string {
  const [pattern, own] = Array.isArray(argument) ? (argument as unknown[]) : [argument, {}]
  const variables = new Map(Object.entries(resolveIntrinsics(own, names) ?? {}))
  return String(pattern).replaceAll(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`
    const variable: unknown = variables.get(name)
    if (typeof variable === 'string') return variable
    const [logicalId = '', ...attribute] = name.split('.')
    const value = attribute.length === 0 ? names.ref(name) : names.attribute(logicalId, attribute.join('.'))
    return known(value, `Fn::Sub \${${name}}`)
  })
}

function known(value: string | undefined, what: string): string {
  if (value === undefined) throw new Error(`${what} refers to nothing that is known locally`)
  return value
}

function textList(value: unknown, intrinsic: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new Error(`${intrinsic} is not given a list of texts`)
}
