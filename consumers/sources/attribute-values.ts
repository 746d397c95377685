import { RejectError } from '../engine/errors.ts'

/** Lists and maps within each other: DynamoDB has 32 levels at most (its quotas page); thousands would end the stack. */
const maximumNesting = 64
/** A number that is written out in full: 38 digits, and 130 places to either side (developer guide, "Data types"). */
const number = /^-?\d{1,200}(?:\.\d{1,200})?(?:[eE][+-]?\d{1,3})?$/
/** Doubles tell all decimals of up to 15 digits apart (IEEE 754: floor(52 * log10(2))). */
const tellableDigits = 15

/**
 * An item as a plain object. Texts, booleans and null are themselves, binary values base64 texts, sets and lists arrays,
 * maps objects, whose members are all own ones, `__proto__` too. A number of up to 15 digits or a safe integer is a number,
 * any other its text, which sums take for the exact number: no digit is ever lost. So where values may be as large or as
 * fine, the schema says `z.union([z.number(), z.string()])`.
 * @throws RejectError `unknown-source` for what is no item, `too-deep` for one that nests deeper than DynamoDB allows.
 */
export function plainItem(item: unknown): Readonly<Record<string, unknown>> {
  return plainMap(item, 0)
}

/** The one text for an item's key: its attributes in the order of their names, each with its type and value. */
export function keyText(key: unknown): string {
  const attributes = membersOf(key).map(([name, typed]): readonly [string, string, string] => {
    const [type, value] = typeAndValue(typed)
    if (!(type === 'S' || type === 'N' || type === 'B')) throw malformed('a key is a text, a number or bytes')
    return [name, type, text(value)]
  })
  if (attributes.length === 0) throw malformed('a key has no attribute')
  return JSON.stringify(attributes.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function plainMap(map: unknown, depth: number): Readonly<Record<string, unknown>> {
  // Object.fromEntries defines members, where an assignment to __proto__ would set the prototype.
  return Object.fromEntries(membersOf(map).map(([name, typed]) => [name, plainValue(typed, depth)]))
}

function plainValue(typed: unknown, depth: number): unknown {
  if (depth > maximumNesting) throw new RejectError('too-deep', `an item nests over ${maximumNesting} levels`)
  const [type, value] = typeAndValue(typed)
  switch (type) {
    case 'S':
    case 'B':
      return text(value)
    case 'N':
      return plainNumber(value)
    case 'BOOL':
      if (typeof value === 'boolean') return value
      break
    case 'NULL':
      return null
    case 'SS':
    case 'BS':
      return list(value).map(text)
    case 'NS':
      return list(value).map(plainNumber)
    case 'L':
      return list(value).map((element) => plainValue(element, depth + 1))
    case 'M':
      return plainMap(value, depth + 1)
  }
  throw malformed('an attribute is of no known type')
}

function plainNumber(value: unknown): number | string {
  const digits = text(value)
  if (!number.test(digits)) throw malformed('a number is no number')
  const double = Number(digits)
  const significant = digits
    .replace(/e.*$/i, '')
    .replaceAll(/[-.]/g, '')
    .replaceAll(/^0+|0+$/g, '')
  const isTold =
    significant.length <= tellableDigits ? double !== 0 || significant === '' : /^-?\d+$/.test(digits)
  return isTold && Math.abs(double) <= Number.MAX_SAFE_INTEGER ? double : digits
}

function typeAndValue(typed: unknown): readonly [type: string, value: unknown] {
  const [first, ...others] = membersOf(typed)
  if (first === undefined || others.length > 0) throw malformed('an attribute has not one type')
  return first
}

function membersOf(value: unknown): [name: string, value: unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw malformed('an item or a map is no object')
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw malformed('a list or a set is none')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw malformed('an attribute is no text')
}

function malformed(detail: string): RejectError {
  return new RejectError(
    'unknown-source',
    `the record is not as DynamoDB event source mappings deliver it: ${detail}`,
  )
}
