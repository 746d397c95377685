import { amountBounds } from './pipeline.ts'
import { grouped, type Moments, type SignedRow } from './model.ts'

/** What a quotient of doubles may be off by, of its size; sums and squares are exact, quotients are rounded once. */
const quotientError = 1e-14

/** What a reader should be shown of one group; `variance` where the grouping keeps it. */
export interface Results {
  readonly amount: number | string
  readonly amounts: readonly { readonly count: number }[]
  readonly meanAmount: number | undefined
  readonly northShare: number | undefined
  readonly orders: number
  readonly variance?: number | undefined
}

/** What rows come to in each group of a grouping; a group that comes to nothing is none. */
export function resultsOf(grouping: 'place' | 'status', rows: readonly SignedRow[]): Map<string, Results> {
  const groups = grouped(rows, ({ region, status }) =>
    grouping === 'place' ? `${region}|${status}` : status,
  )
  return new Map(
    [...groups].flatMap(([key, moments]) => {
      if (isNone(moments)) return []
      const { variance, ...others } = resultsOfGroup(moments)
      return [[key, grouping === 'status' ? { ...others, variance } : others] as const]
    }),
  )
}

function isNone({ count, north, sum, squares, amounts }: Moments): boolean {
  return count === 0 && north === 0 && sum === 0n && squares === 0n && amounts.every((each) => each === 0)
}

function resultsOfGroup({ count, north, sum, squares, amounts }: Moments): Results {
  const size = sum < 0n ? -sum : sum
  const text = `${sum < 0n ? '-' : ''}${size / 100n}.${String(size % 100n).padStart(2, '0')}`
  // The sum of squared deviations, times the count; below zero where a retraction was read before its row.
  const deviations = BigInt(count) * squares - sum * sum
  const hasSpread = count > 0 && deviations >= 0n
  return {
    // Decimals of up to 15 digits are doubles, told exactly.
    amount: size < 10n ** 15n ? Number(text) : text,
    amounts: amounts.map((each, index) => ({
      from: amountBounds[index - 1],
      to: amountBounds[index],
      count: each,
    })),
    meanAmount: count > 0 ? Number(sum) / (count * 100) : undefined,
    northShare: count === 0 ? undefined : north / count + 0,
    orders: count,
    variance: hasSpread ? Number(deviations) / (count * count * 10_000) : undefined,
  }
}

/** The groups in which two results differ, with both. */
export function differences(
  expected: ReadonlyMap<string, Results>,
  shown: ReadonlyMap<string, object>,
): readonly string[] {
  const keys = new Set([...expected.keys(), ...shown.keys()])
  return [...keys].flatMap((key) => {
    const [wanted, got] = [expected.get(key), shown.get(key)]
    if (wanted !== undefined && got !== undefined && isSame(wanted, got)) return []
    return [`${key}: ${textOf(got)} and not ${textOf(wanted)}`]
  })
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return a === b || Math.abs(a - b) <= quotientError * Math.abs(a)
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [ofA, ofB] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  const names = new Set([...ofA.keys(), ...ofB.keys()])
  return [...names].every((name) => isSame(ofA.get(name), ofB.get(name)))
}

function textOf(results: object | undefined): string {
  return results === undefined ? 'no row' : JSON.stringify(results)
}
