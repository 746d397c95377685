import { isEmpty, mergeStates } from './cell.ts'
import { decodeCell } from './codec.ts'
import { DefinitionError, storeFailureCode } from './errors.ts'
import { decodeKey, type Key } from './keys.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { State } from './measures/measure.ts'
import type { NamedMeasure, Pipeline, Values } from './pipeline.ts'
import type { CellStore, Clock, ReadConsistency } from './ports.ts'
import { keyText, type PanePlan, planRead, type WindowPlan } from './read-plan.ts'
import { paneGateMs } from './windows.ts'

/** One group's values in one window. Times are epoch milliseconds. */
export interface Row<Grouping extends string, M> {
  readonly grouping: Grouping
  readonly key: Key
  readonly windowStart: number
  /** Exclusive. */
  readonly windowEnd: number
  readonly values: Values<M, Grouping>
  /**
   * False where a cell could not be read, may have expired, or was stored by an earlier definition that did not keep
   * all that is asked for: the values are then too low.
   */
  readonly complete: boolean
  /** The cache lost something of this window, and a replay has not been proved to have repaired it. */
  readonly lossy: boolean
  /** No live delivery can change the window any more. */
  readonly final: boolean
  /** When it becomes final. */
  readonly closesAt: number
  /** When it was read. */
  readonly asOf: number
}

/**
 * Measures that order groups: of a grouping, those whose results are numbers, if only as texts where they are large. Any
 * name where a pipeline has lost its types.
 */
type Ranking<M, Grouping extends string> = unknown extends M
  ? string
  : {
      [Name in keyof Values<M, Grouping>]: Values<M, Grouping>[Name] extends
        number | bigint | `${number}` | undefined
        ? Name
        : never
    }[keyof Values<M, Grouping>] &
      string

/** What to read. */
export interface ReadRequest<Grouping extends string, M = unknown> {
  readonly grouping: Grouping
  /** One key of the grouping; without it, every key that has events. */
  readonly key?: Key
  /** Windows that overlap `[from, to)`, epoch milliseconds. */
  readonly from: number
  readonly to: number
  /**
   * Reads the range as one window, widened to whole periods: what all events in it add up to, each counted once. Default
   * false.
   */
  readonly total?: boolean
  /** Of each window only the groups with the largest values of a measure, the largest first; ties in keys' order. */
  readonly top?: { readonly groups: number; readonly by: Ranking<M, Grouping> }
  /** Default `balanced`, which may be stale by a moment. */
  readonly consistency?: ReadConsistency
}

/** The rows, and the state of the windows themselves, for a window without events has no rows. */
export interface ReadResult<Grouping extends string, M> {
  readonly rows: readonly Row<Grouping, M>[]
  readonly windows: number
  /** Windows that are not complete. */
  readonly incompleteWindows: number
  /**
   * Store requests that were made: panes x buckets, or one a pane for a key of the grouping bucketed by; none for panes
   * that have expired. A pane that several windows share is read once.
   */
  readonly requests: number
  /** What each request that failed failed with. */
  readonly failures: readonly string[]
}

/** Reads under way at once. */
const maximumConcurrentReads = 16

/**
 * Reads the windows that overlap a time range, oldest first, or their one `total`; keys in order. With a `key`, every window has a row, also
 * where nothing was counted. A cell that cannot be read is never taken for zero: its windows are not `complete`. Each
 * pane is read by the definition that was in force for it.
 * @throws DefinitionError for a grouping that the pipeline does not have or a measure that it does not keep for it,
 *   RangeError for more than 10,000 windows, windows of more than 100,000 panes in all, or `top` of no group, RejectError
 *   for a key that is none.
 *
 * @example
 * ```ts
 * const { rows } = await read(pageViews, store, clock, {
 *   grouping: 'page',
 *   from: nowMs - hours(1),
 *   to: nowMs,
 *   top: { groups: 10, by: 'views' },
 * })
 * for (const { key, values, final } of rows) print(key, values.views, values.longestMs, final)
 * ```
 */
export async function read<Grouping extends string, M, Of extends Grouping>(
  pipeline: Pipeline<Grouping, M>,
  store: CellStore,
  clock: Pick<Clock, 'nowMs'>,
  request: ReadRequest<Of, M>,
): Promise<ReadResult<Of, M>> {
  const measures = measuresOf(pipeline, request.grouping, request.top?.by)
  if (request.top !== undefined && !(request.top.groups >= 1)) {
    throw new RangeError(`the top ${request.top.groups} groups are none: ask for 1 at least`)
  }
  const asOf = clock.nowMs()
  const windows = planRead(pipeline, request, asOf)
  const panes = [...new Set(windows.flatMap((window) => window.panes))]
  const { consistency = 'balanced' } = request
  const wanted = request.key === undefined ? undefined : keyText(request.key)
  const reads = panes.flatMap((pane) => pane.addresses.map((address) => ({ pane, address })))
  const contents = new Map(panes.map((pane): [PanePlan, PaneContent] => [pane, emptyContent()]))
  const failures: string[] = []
  await mapConcurrently(reads, maximumConcurrentReads, async ({ pane, address }) => {
    const content = contents.get(pane)
    try {
      const stored = await store.read(address, consistency)
      if (content === undefined) return
      if (stored !== undefined) addCell(content, pane, address, stored.bytes, measures, wanted)
      // The read took so long that the cell may have expired meanwhile: its absence says nothing.
      else if (clock.nowMs() > paneGateMs(pane.paneStartMs, pane.pipeline)) content.failed = true
    } catch (error) {
      const code = storeFailureCode(error)
      if (code === undefined) throw error
      failures.push(code)
      if (content !== undefined) content.failed = true
    }
  })

  const results = windows.map((window) => rowsOf<Of, M>(window, contents, measures, request, asOf))
  return {
    rows: results.flatMap(({ rows }) => rows),
    windows: windows.length,
    incompleteWindows: results.filter(({ complete }) => !complete).length,
    requests: reads.length,
    failures,
  }
}

function measuresOf(
  { name, groupings, keptMeasures }: Pipeline,
  grouping: string,
  by: string | undefined,
): readonly NamedMeasure[] {
  const measures = keptMeasures[groupings.indexOf(grouping)]
  if (measures === undefined) {
    throw new DefinitionError(`pipeline ${name} has no grouping ${grouping}; it has ${groupings.join(', ')}`)
  }
  if (by !== undefined && !measures.some((measure) => measure.name === by)) {
    const kept = measures.map((measure) => measure.name).join(', ')
    throw new DefinitionError(`pipeline ${name} keeps no measure ${by} for ${grouping}; it keeps ${kept}`)
  }
  return measures
}

/** What was read of a pane, in the columns that were asked for. */
interface PaneContent {
  readonly groups: Map<string, readonly State[]>
  lossy: boolean
  failed: boolean
}

function emptyContent(): PaneContent {
  return { groups: new Map(), lossy: false, failed: false }
}

function addCell(
  content: PaneContent,
  { pipeline, grouping, columns }: PanePlan,
  address: string,
  bytes: Uint8Array,
  measures: readonly NamedMeasure[],
  wanted: string | undefined,
): void {
  const cell = decodeCell(pipeline, address, bytes)
  content.lossy ||= cell.lossy
  for (const [key, stored] of cell.groups[grouping] ?? []) {
    if (wanted !== undefined && key !== wanted) continue
    const states = columns.map((column, index) => stored[column] ?? measures[index]?.empty ?? 0)
    content.groups.set(key, mergeStates(measures, content.groups.get(key), states))
  }
}

function rowsOf<Grouping extends string, M>(
  { startMs, endMs, closesAtMs, panes }: WindowPlan,
  contents: ReadonlyMap<PanePlan, PaneContent>,
  measures: readonly NamedMeasure[],
  { grouping, key, top }: ReadRequest<Grouping, M>,
  asOf: number,
): { readonly rows: readonly Row<Grouping, M>[]; readonly complete: boolean } {
  const found = panes.flatMap((pane) => contents.get(pane) ?? [])
  const merged = new Map<string, readonly State[]>()
  for (const { groups } of found) {
    for (const [name, states] of groups) merged.set(name, mergeStates(measures, merged.get(name), states))
  }
  const complete = panes.every(({ isWhole }) => isWhole) && found.every(({ failed }) => !failed)
  const state = {
    complete,
    lossy: found.some(({ lossy }) => lossy),
    final: asOf >= closesAtMs,
    closesAt: closesAtMs,
    asOf,
  }
  // What one cell added and another took back, because panes and buckets cut between them, is no group.
  if (panes.some(({ pipeline }) => pipeline.retracts)) {
    for (const [name, states] of merged) if (isEmpty(measures, states)) merged.delete(name)
  }
  const names = key === undefined ? [...merged.keys()].sort() : [keyText(key)]
  const rows = names.map((name) => ({
    grouping,
    key: decodeKey(name),
    windowStart: startMs,
    windowEnd: endMs,
    values: valuesOf<M, Grouping>(measures, merged.get(name)),
    ...state,
  }))
  return { rows: top === undefined ? rows : largest(rows, top), complete }
}

function largest<Grouping extends string, M>(
  rows: readonly Row<Grouping, M>[],
  { groups, by }: { readonly groups: number; readonly by: Ranking<M, Grouping> },
): readonly Row<Grouping, M>[] {
  const rank = ({ values }: Row<Grouping, M>): number | bigint => {
    const value = new Map<string, unknown>(Object.entries(values)).get(by)
    if (typeof value === 'number' || typeof value === 'bigint') return value
    return typeof value === 'string' ? Number(value) : -Infinity
  }
  const ranked = rows.toSorted((a, b) => {
    const [rankA, rankB] = [rank(a), rank(b)]
    if (rankA === rankB) return 0
    return rankA > rankB ? -1 : 1
  })
  return ranked.slice(0, groups)
}

function valuesOf<M, Grouping extends string>(
  measures: readonly NamedMeasure[],
  states: readonly State[] | undefined,
): Values<M, Grouping> {
  const values = measures.map((measure, index) => [
    measure.name,
    measure.result(states?.[index] ?? measure.empty),
  ])
  return Object.fromEntries(values) as Values<M, Grouping>
}
