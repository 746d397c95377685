import type { Row } from '../consumers/engine/read.ts'

/** A value without parts. */
export type Scalar = string | number | bigint | boolean | undefined

/** One value of every row, under one heading. */
export interface Column {
  /** The measure; for a part of a nested result with a dot and the part, such as `delays.p50`. */
  readonly heading: string
  /** A value a row, in their order; `undefined` where a row has none. */
  readonly values: readonly Scalar[]
}

/** How many values lie in a range, as a histogram's result has it. */
interface RangeCount {
  readonly from: number | undefined
  readonly to: number | undefined
  readonly count: number
}

/**
 * The columns of rows of one grouping: one for each measure, and for one with nested results one for each part that any
 * row has. The ranges of a histogram are parts: `delays.<0`, `delays.0..15`, `delays.>=15`.
 */
export function columnsOf(rows: readonly Row<string, unknown>[], measures: readonly string[]): Column[] {
  const values = rows.map((row) => new Map<string, unknown>(Object.entries(row.values)))
  return measures.flatMap((measure) =>
    flatten(
      measure,
      values.map((each) => each.get(measure)),
    ),
  )
}

/** A histogram's ranges, or `undefined` for any other value. */
export function rangesOf(value: unknown): readonly (readonly [range: string, count: number])[] | undefined {
  if (!Array.isArray(value) || !value.every(isRangeCount)) return undefined
  return value.map((each) => [rangeName(each), each.count] as const)
}

function flatten(heading: string, values: readonly unknown[]): Column[] {
  const parts = values.map(partsOf)
  const names = new Set(parts.flatMap((of) => (of === undefined ? [] : [...of.keys()])))
  if (names.size === 0) return [{ heading, values: values.map(scalar) }]
  return [...names].flatMap((name) =>
    flatten(
      `${heading}.${name}`,
      parts.map((of) => of?.get(name)),
    ),
  )
}

function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  const ranges = rangesOf(value)
  if (ranges !== undefined) return new Map(ranges)
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined
}

function scalar(value: unknown): Scalar {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value
    default:
      return undefined
  }
}

function rangeName({ from, to }: RangeCount): string {
  if (from === undefined) return `<${to}`
  return to === undefined ? `>=${from}` : `${from}..${to}`
}

function isRangeCount(value: unknown): value is RangeCount {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value && 'count' in value
}
