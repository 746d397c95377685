import { hash } from 'node:crypto'
import type { State } from '../../../consumers/engine/measures/measure.ts'
import { hashSpacePosition, type ModelEvent, type Place } from '../model.ts'
import { lifetimesMs } from '../pipeline.ts'
import type { PlannedWorld } from '../plan.ts'
import { idText } from '../stored-state.ts'
import { amountBounds, pipelineName } from './pipeline.ts'
import type { PlannedRow } from './plan.ts'
import type { Images } from './table.ts'

/*
 * What should come out, told a second time and as plainly as possible: nothing here is the engine's.
 */

/** A row that is added, or taken back. */
export interface SignedRow {
  readonly row: PlannedRow
  readonly sign: 1 | -1
}

/** A change as it should be stored: in the one cell of its arrival's pane and its row's bucket, under its place. */
export function changeEvent(world: PlannedWorld, row: string, arrivalMs: number, place: Place): ModelEvent {
  const key = [place.stream, place.shard, place.sequenceNumber].join('|')
  return {
    id: idText(hash('sha256', `${pipelineName.length}:${pipelineName}${key.length}:${key}`, 'buffer')),
    // What the world asks of an event is its name and its time; the rest is a departure's.
    planned: { key: row, timeMs: arrivalMs - world.startMs, origin: '', destination: '', miles: 0 },
    groupKeys: ['', ''],
    miles: 0,
    paneStartMs: arrivalMs - (arrivalMs % lifetimesMs.pane),
    bucket: Number((hashSpacePosition(row) * BigInt(world.buckets)) >> 128n),
  }
}

/** What a change does: it takes back the old image and adds the new one. */
export function signedRows({ old, new: current }: Images): SignedRow[] {
  return [
    ...(old === undefined ? [] : [{ row: old, sign: -1 } as const]),
    ...(current === undefined ? [] : [{ row: current, sign: 1 } as const]),
  ]
}

/** What rows add up to, per grouping: key -> states of the measures. A group that adds up to nothing is none. */
export function groupsOfRows(rows: readonly SignedRow[]): Map<string, State[]>[] {
  const ofPlaces = grouped(rows, ({ region, status }) => `${region}|${status}`)
  const ofStatuses = grouped(rows, ({ status }) => status)
  return [
    withoutNothing([...ofPlaces].map(([key, moments]) => [key, statesOf(moments)])),
    withoutNothing([...ofStatuses].map(([key, moments]) => [key, [...statesOf(moments), spreadOf(moments)]])),
  ]
}

function withoutNothing(groups: readonly (readonly [key: string, states: State[]])[]): Map<string, State[]> {
  return new Map(groups.filter(([, states]) => !isNothing(states)))
}

/** The moments of each group. */
export function grouped(
  rows: readonly SignedRow[],
  keyOf: (row: PlannedRow) => string,
): ReadonlyMap<string, Moments> {
  const keys = [...new Set(rows.map(({ row }) => keyOf(row)))].sort()
  return new Map(keys.map((key) => [key, momentsOf(rows.filter(({ row }) => keyOf(row) === key))]))
}

/** What a group's rows come to, exactly. */
export interface Moments {
  readonly count: number
  readonly north: number
  readonly sum: bigint
  readonly squares: bigint
  /** Below the first bound, between the two, and from the second on. */
  readonly amounts: readonly number[]
}

function momentsOf(rows: readonly SignedRow[]): Moments {
  let [count, north, sum, squares] = [0, 0, 0n, 0n]
  const amounts = [0, ...amountBounds].map(() => 0)
  for (const { row, sign } of rows) {
    const cents = BigInt(row.cents)
    count += sign
    if (row.region === 'north') north += sign
    sum += BigInt(sign) * cents
    squares += BigInt(sign) * cents * cents
    const bucket = amountBounds.filter((bound) => row.cents >= bound * 100).length
    amounts[bucket] = (amounts[bucket] ?? 0) + sign
  }
  return { count, north, sum, squares, amounts }
}

/** In the order of the measures' names: amount, amounts, meanAmount, northShare, orders. */
function statesOf({ count, north, sum, amounts }: Moments): State[] {
  const total = whole(sum)
  return [total, amounts.every((each) => each === 0) ? [] : amounts, [total, count], [north, count], count]
}

/** Of the variance, which one grouping keeps, and which comes last. */
function spreadOf({ count, sum, squares }: Moments): State {
  return [count, whole(sum), whole(squares)]
}

/** A number while it is one exactly. */
function whole(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
}

/** Whether a state, or a list of them, is zero all through: nothing was added, or all was taken back. */
export function isNothing(state: State): boolean {
  return Array.isArray(state) ? state.every((each: State) => isNothing(each)) : state === 0
}
