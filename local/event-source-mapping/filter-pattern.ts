import { isLeaf, isOperator, type Leaf, parseLeafTest } from './filter-operators.ts'

/** A filter of a mapping, found to be a pattern; made by {@link parseFilterPattern}. */
export interface FilterPattern {
  /** Whether one record is let through; never throws. */
  matches(view: unknown): boolean
}

type Condition = (value: unknown) => boolean

const alternatives = '$or'
/** In the view of a Kinesis record: its data, there if that is JSON. */
const decodedData = 'data'

/**
 * Reads the text of a filter's `Pattern`.
 *
 * Documented by Lambda ("Control which events Lambda sends to your function", filter rule syntax): exact values,
 * null, `prefix`, `suffix`, `equals-ignore-case`, `anything-but` values, `numeric`, `exists`, several keys of which all
 * have to match, several values of which one has to, and `$or`. Documented by EventBridge only, and taken here too:
 * `wildcard`, `equals-ignore-case` within `prefix` and `suffix`, and operators within `anything-but`. Lambda does not
 * name `cidr`: that it is refused is a choice.
 *
 * What is a pattern at all follows the rules of the open source Event Ruler of AWS, which EventBridge is made of: no
 * empty object, no empty list, `$or` with two objects at least and without an operator's name as a key, a numeric range
 * from its lower to its upper bound, `anything-but` with texts only or numbers only. That Lambda refuses the same is a
 * choice.
 * @throws Error `Invalid filter pattern definition.`, as Lambda says it; its cause says where and why
 */
export function parseFilterPattern(text: string): FilterPattern {
  try {
    return { matches: parseObject(JSON.parse(text), [], false) }
  } catch (cause) {
    throw new Error('Invalid filter pattern definition.', { cause })
  }
}

/**
 * Whether a record is delivered: true if any pattern matches its view, or if there is none.
 *
 * The view is the record of the event, in which a Kinesis record has `data` beside its metadata: the decoded data, if
 * that is JSON. Documented: a pattern with `data` lets no record through whose data is not JSON, one without `data`
 * judges the metadata. A choice: that holds for `{"exists": false}` too, and for views of every kind.
 *
 * Documented by EventBridge: operators look at leaves only, so an object is not there for `exists`; a list matches if
 * one of its members does. As in Event Ruler: a list without members is not there, a list of objects matches if one
 * object has all that the pattern wants, and lists within lists are one list. A choice: `{"exists": false}` below a
 * list of objects matches if one object is without the field.
 */
export function matchesAny(patterns: readonly FilterPattern[], view: unknown): boolean {
  return patterns.length === 0 || patterns.some((pattern) => pattern.matches(view))
}

function parseObject(pattern: unknown, path: readonly string[], isAlternative: boolean): Condition {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern))
    throw refused(path, 'neither an object nor a list')
  const conditions = Object.entries(pattern).map(([key, rule]) => {
    if (key === alternatives) return parseAlternatives(rule, [...path, key])
    if (isAlternative && isOperator(key)) throw refused(path, `the operator ${key} is no field`)
    return parseField(key, rule, path, isAlternative)
  })
  if (conditions.length === 0) throw refused(path, 'an empty object')
  return (value) => conditions.every((isMet) => isMet(value))
}

function parseAlternatives(rule: unknown, path: readonly string[]): Condition {
  if (!Array.isArray(rule) || rule.length < 2) throw refused(path, 'not a list of two objects at least')
  const conditions = rule.map((pattern) => parseObject(pattern, path.slice(0, -1), true))
  return (value) => conditions.some((isMet) => isMet(value))
}

function parseField(
  key: string,
  rule: unknown,
  parent: readonly string[],
  isAlternative: boolean,
): Condition {
  const path = [...parent, key]
  const isMet = Array.isArray(rule)
    ? parseList(rule, path)
    : anyElement(parseObject(rule, path, isAlternative))
  const isNeeded = parent.length === 0 && key === decodedData
  return (value) => {
    const member = ownMember(value, key)
    return isMet(member) && !(isNeeded && member === undefined)
  }
}

function parseList(rules: readonly unknown[], path: readonly string[]): Condition {
  if (rules.length === 0) throw refused(path, 'an empty list')
  const tests = rules.map((rule) => {
    try {
      return parseLeafTest(rule)
    } catch (error) {
      throw refused(path, error instanceof Error ? error.message : String(error))
    }
  })
  return (value) => {
    const leaves = elementsOf(value).filter((element): element is Leaf => isLeaf(element))
    return tests.some((test) => test(leaves))
  }
}

function anyElement(isMet: Condition): Condition {
  return (value) => {
    const elements = elementsOf(value)
    // What is not there still meets a pattern that wants it so.
    return elements.length === 0 ? isMet(undefined) : elements.some((element) => isMet(element))
  }
}

/** A value, or all that a list and the lists in it have. Without recursion: data may be nested deeper than the stack. */
function elementsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return value === undefined ? [] : [value]
  const pending: unknown[] = [value]
  const elements: unknown[] = []
  for (const next of pending) {
    if (Array.isArray(next)) for (const element of next) pending.push(element)
    else elements.push(next)
  }
  return elements
}

function ownMember(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined
}

function refused(path: readonly string[], why: string): Error {
  return new Error(`${path.length === 0 ? 'the pattern' : path.join('.')}: ${why}`)
}
