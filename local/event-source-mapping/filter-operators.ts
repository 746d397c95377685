import * as z from 'zod'

/** A value of JSON that is neither an object nor a list. */
export type Leaf = string | number | boolean | null

/** Judges a field by its leaves: none where it is not there, several where it is a list. */
export type LeafTest = (leaves: readonly Leaf[]) => boolean

type TextTest = (text: string) => boolean

/** Those that compare with one text, which may stand within `anything-but` too. */
const textOperators: Readonly<Record<string, (operand: string) => TextTest>> = {
  prefix: (operand) => (text) => text.startsWith(operand),
  suffix: (operand) => (text) => text.endsWith(operand),
  'equals-ignore-case': (operand) => (text) => fold(text) === fold(operand),
  wildcard: wildcardTest,
}

const operators: Readonly<Record<string, (operand: unknown) => LeafTest>> = {
  prefix: (operand) => anyText(affixTest('prefix', operand)),
  suffix: (operand) => anyText(affixTest('suffix', operand)),
  'equals-ignore-case': (operand) => anyText(textTest('equals-ignore-case', operand)),
  wildcard: (operand) => anyText(textTest('wildcard', operand)),
  numeric: numericTest,
  exists: existsTest,
  'anything-but': anythingButTest,
}

/** Whether a name is that of an operator. */
export function isOperator(name: string): boolean {
  return Object.hasOwn(operators, name)
}

/**
 * Reads one member of the list that a pattern has for a field: a value, or an object with one operator.
 * @throws Error that says what is wrong with it
 */
export function parseLeafTest(rule: unknown): LeafTest {
  if (isLeaf(rule)) return (leaves) => leaves.includes(rule)
  const [name, operand] = onlyMember(rule)
  const parse = isOperator(name) ? operators[name] : undefined
  if (parse === undefined) throw new Error(`${name} is no operator`)
  return parse(operand)
}

/** Whether a value of JSON is neither an object nor a list. */
export function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function anyText(test: TextTest): LeafTest {
  return (leaves) => leaves.some((leaf) => typeof leaf === 'string' && test(leaf))
}

function affixTest(name: 'prefix' | 'suffix', operand: unknown): TextTest {
  if (typeof operand !== 'object') return textTest(name, operand)
  const [option, affix] = onlyMember(operand)
  if (option !== 'equals-ignore-case') throw new Error(`${name} has no option ${option}`)
  const test = textTest(name, typeof affix === 'string' ? fold(affix) : affix)
  return (text) => test(fold(text))
}

function textTest(name: string, operand: unknown): TextTest {
  const parse = Object.hasOwn(textOperators, name) ? textOperators[name] : undefined
  if (parse === undefined || typeof operand !== 'string') throw new Error(`${name} takes a text`)
  return parse(operand)
}

function existsTest(operand: unknown): LeafTest {
  if (typeof operand !== 'boolean') throw new Error('exists takes true or false')
  return (leaves) => leaves.length > 0 === operand
}

/** Another kind of value, null too, is anything but the excluded ones; a field that is not there is nothing. */
function anythingButTest(operand: unknown): LeafTest {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [name, excluded] = onlyMember(operand)
    const tests = listOf(excluded).map((item) => {
      if (item === '' && (name === 'prefix' || name === 'suffix')) throw new Error(`${name} is empty`)
      return textTest(name, item)
    })
    return (leaves) =>
      leaves.some((leaf) => typeof leaf !== 'string' || !tests.some((isExcluded) => isExcluded(leaf)))
  }
  const excluded = listOf(operand)
  const isAll = (type: string): boolean => excluded.every((item) => typeof item === type)
  if (!isAll('string') && !isAll('number')) throw new Error('anything-but takes texts, or numbers')
  return (leaves) => leaves.some((leaf) => !excluded.includes(leaf))
}

const comparisons = {
  '=': (value: number, bound: number) => value === bound,
  '>': (value: number, bound: number) => value > bound,
  '>=': (value: number, bound: number) => value >= bound,
  '<': (value: number, bound: number) => value < bound,
  '<=': (value: number, bound: number) => value <= bound,
}

const numericSchema = z.union([
  z.tuple([z.enum(['=', '>', '>=', '<', '<=']), z.number()]),
  z
    .tuple([z.enum(['>', '>=']), z.number(), z.enum(['<', '<=']), z.number()])
    .refine(([, low, , high]) => low <= high),
])

function numericTest(operand: unknown): LeafTest {
  const { success, data } = numericSchema.safeParse(operand)
  if (!success) throw new Error('numeric takes a comparison, or a lower and an upper bound')
  const [first, low, second = first, high = low] = data
  return (leaves) =>
    leaves.some(
      (leaf) => typeof leaf === 'number' && comparisons[first](leaf, low) && comparisons[second](leaf, high),
    )
}

/** `*` stands for any text; `\*` and `\\` stand for the characters themselves. */
function wildcardTest(pattern: string): TextTest {
  const parts: string[] = []
  let part = ''
  for (const [token] of pattern.matchAll(/\\?[\s\S]/g)) {
    if (token === '*') {
      if (parts.length > 0 && part === '') throw new Error('wildcard has two * side by side')
      parts.push(part)
      part = ''
    } else if (token.startsWith('\\')) {
      if (token !== '\\*' && token !== '\\\\')
        throw new Error('wildcard escapes another character than * and \\')
      part += token.slice(1)
    } else part += token
  }
  parts.push(part)
  return (text) => isMadeOf(text, parts)
}

/** Whether a text is these parts with anything between them. The first place for each part is as good as any. */
function isMadeOf(text: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let end = first.length
  for (const part of others) {
    const start = text.indexOf(part, end)
    if (start < 0) return false
    end = start + part.length
  }
  return text.length - end >= last.length && text.endsWith(last)
}

function fold(text: string): string {
  return text.toLowerCase()
}

function listOf(value: unknown): readonly unknown[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0) throw new Error('a list is empty')
  return list
}

function onlyMember(value: unknown): readonly [string, unknown] {
  const [member, ...others] =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
  if (member === undefined || others.length > 0) throw new Error('not a value and not one operator')
  return member
}
