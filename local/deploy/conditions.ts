import { resolveIntrinsics, type TemplateNames } from './intrinsics.ts'

/**
 * Whether an expression of a template's `Conditions` is met.
 * @throws Error that names a function, or what one refers to, that is not known here.
 */
export function isMet(expression: unknown, names: TemplateNames): boolean {
  const [[name, argument] = ['nothing', undefined], ...others] = Object.entries(Object(expression) as object)
  if (others.length > 0) throw new Error('a condition is one function')
  const list = Array.isArray(argument) ? (argument as unknown[]) : []
  switch (name) {
    case 'Condition': {
      const met = names.condition?.(String(argument))
      if (met === undefined) throw new Error(`there is no condition ${String(argument)}`)
      return met
    }
    case 'Fn::Equals': {
      const [left, right] = list.map((side) => resolveIntrinsics(side, names))
      return JSON.stringify(left) === JSON.stringify(right)
    }
    case 'Fn::Not':
      return !list.some((item) => isMet(item, names))
    case 'Fn::And':
      return list.every((item) => isMet(item, names))
    case 'Fn::Or':
      return list.some((item) => isMet(item, names))
    default:
      throw new Error(`the condition function ${name} is not supported locally`)
  }
}
