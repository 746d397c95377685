import { isDeepStrictEqual } from 'node:util'
import { type EstimateBound, groupName, type Recount } from './recount.ts'

/** A row as `npm run query` prints it. */
export interface ReadRow {
  readonly key: string | readonly string[]
  readonly windowStart: number
  readonly values: Readonly<Record<string, unknown>>
  readonly complete: boolean
  readonly lossy: boolean
}

/** How good the estimates of one measure were, over all groups. Errors are relative to the exact value. */
export interface EstimateErrors {
  /** Values compared. */
  readonly compared: number
  /** Those of them that are not promised to be exact. */
  readonly estimates: number
  readonly worstError: number
}

export interface Comparison {
  /** One line for each difference. */
  readonly mismatches: readonly string[]
  /** By measure. */
  readonly estimates: Readonly<Record<string, EstimateErrors>>
}

/** An estimate may be off by so many standard errors: one in 16,000 is, if errors are normal. */
const acceptedStandardErrors = 4

/**
 * Compares what was read back, by grouping, with a recount: every value of every group, groups that only one side has,
 * and rows that say of themselves that they may be wrong. Exact measures have to be equal, estimates within their bounds.
 */
export function compare(
  readBack: Readonly<Record<string, readonly ReadRow[]>>,
  { groups, estimates }: Pick<Recount, 'groups' | 'estimates'>,
): Comparison {
  const mismatches: string[] = []
  const errors: Record<string, EstimateErrors> = {}
  const compareValue = (where: string, measure: string, read: unknown, counted: unknown): void => {
    const bound = estimates[measure]
    const found = bound === undefined ? [] : errorsOf(bound, read, counted)
    const isRight =
      bound === undefined
        ? isDeepStrictEqual(read, counted)
        : found.length > 0 && found.every(({ error, most }) => error <= most)
    if (!isRight) mismatches.push(`${where}: ${measure} is ${inText(read)}, counted ${inText(counted)}`)
    if (bound !== undefined) errors[measure] = withErrors(errors[measure], found)
  }

  for (const [grouping, expected] of Object.entries(groups)) {
    const found = new Map<string, ReadRow>()
    for (const row of readBack[grouping] ?? []) {
      const name = groupName(row.windowStart, row.key)
      if (found.has(name)) mismatches.push(`${grouping} ${name}: read back twice`)
      found.set(name, row)
    }
    for (const [name, values] of expected) {
      const where = `${grouping} ${name}`
      const row = found.get(name)
      if (row === undefined) {
        mismatches.push(`${where}: not read back`)
        continue
      }
      if (!row.complete || row.lossy) mismatches.push(`${where}: read back incomplete or after a loss`)
      for (const [measure, counted] of Object.entries(values))
        compareValue(where, measure, row.values[measure], counted)
      for (const measure of Object.keys(row.values))
        if (!(measure in values)) mismatches.push(`${where}: ${measure} was read back and not recounted`)
    }
    for (const name of found.keys())
      if (!expected.has(name)) mismatches.push(`${grouping} ${name}: read back, never sent`)
  }
  return { mismatches, estimates: errors }
}

interface FoundError {
  readonly error: number
  /** It may be no larger. */
  readonly most: number
}

/** The relative error of each number of an estimate; none where it is not of the same shape as what was counted. */
function errorsOf(bound: EstimateBound, read: unknown, counted: unknown): FoundError[] {
  if (bound.kind === 'distinct') {
    if (typeof read !== 'number' || typeof counted !== 'number') return []
    const most = counted <= bound.exactUpTo ? 0 : acceptedStandardErrors * bound.standardError
    return [{ error: relativeError(read, counted), most }]
  }
  const exact = new Map<string, unknown>(Object.entries(counted ?? {}))
  const names = Object.keys(read ?? {})
  if (names.length !== exact.size) return []
  const found = Object.entries(read ?? {}).map(([name, value]: [string, unknown]) => ({
    error: relativeError(value, exact.get(name)),
    most: bound.relativeError,
  }))
  return found
}

function relativeError(read: unknown, counted: unknown): number {
  if (typeof read !== 'number' || typeof counted !== 'number') return Infinity
  return read === counted ? 0 : Math.abs(read - counted) / Math.abs(counted)
}

function withErrors(so: EstimateErrors | undefined, found: readonly FoundError[]): EstimateErrors {
  const { compared = 0, estimates = 0, worstError = 0 } = so ?? {}
  return {
    compared: compared + found.length,
    estimates: estimates + found.filter(({ most }) => most > 0).length,
    worstError: Math.max(worstError, ...found.map(({ error }) => error)),
  }
}

function inText(value: unknown): string {
  return JSON.stringify(value) ?? 'missing'
}
