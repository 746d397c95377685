import { type Cell, cellAddress, mergeStates } from './cell.ts'
import { decodeCell } from './codec.ts'
import { DefinitionError, storeFailureCode } from './errors.ts'
import { bucketOf } from './identity.ts'
import { decodeKey, encodeKey, isHashedKey, type Key } from './keys.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { State } from './measures/measure.ts'
import type { Pipeline, Values } from './pipeline.ts'
import type { CellStore, Clock, ReadConsistency } from './ports.ts'
import { routingText } from './route.ts'
import { paneExpiryMs, paneGateMs, startOf, windowClosesAtMs } from './windows.ts'

/** One group's values in one window. Times are epoch milliseconds. */
export interface Row<Grouping extends string, M> {
  readonly grouping: Grouping
  readonly key: Key
  readonly windowStart: number
  /** Exclusive. */
  readonly windowEnd: number
  readonly values: Values<M>
  /** False where a cell could not be read, or may have expired: the values are then too low. */
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

/** What to read. */
export interface ReadRequest<Grouping extends string> {
  readonly grouping: Grouping
  /** One key of the grouping; without it, every key that has events. */
  readonly key?: Key
  /** Windows that overlap `[from, to)`, epoch milliseconds. */
  readonly from: number
  readonly to: number
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
   * that have expired.
   */
  readonly requests: number
  /** What each request that failed failed with. */
  readonly failures: readonly string[]
}

/** Reads under way at once: windows x cells of one window. */
const maximumConcurrentWindows = 4
const maximumConcurrentCells = 4
const maximumWindows = 10_000

/**
 * Reads the windows that overlap a time range, oldest first, keys in order. With a `key`, every window has a row, also
 * where nothing was counted. A cell that cannot be read is never taken for zero: its windows are not `complete`.
 * @throws DefinitionError for a grouping that the pipeline does not have, RangeError for more than 10,000 windows.
 */
export async function read<Grouping extends string, M>(
  pipeline: Pipeline<Grouping, M>,
  store: CellStore,
  clock: Pick<Clock, 'nowMs'>,
  request: ReadRequest<Grouping>,
): Promise<ReadResult<Grouping, M>> {
  if (!pipeline.groupings.includes(request.grouping)) {
    const known = pipeline.groupings.join(', ')
    throw new DefinitionError(
      `pipeline ${pipeline.name} has no grouping ${request.grouping}; it has ${known}`,
    )
  }
  const { sizeMs } = pipeline.window
  const first = startOf(request.from, sizeMs)
  const windowCount = Math.max(0, Math.ceil((request.to - first) / sizeMs))
  if (windowCount > maximumWindows) {
    throw new RangeError(
      `${windowCount} windows are too many to read at once; ${maximumWindows} are the most`,
    )
  }
  const asOf = clock.nowMs()
  const starts = Array.from({ length: windowCount }, (_, index) => first + index * sizeMs)
  const windows = await mapConcurrently(starts, maximumConcurrentWindows, (start) =>
    readWindow(pipeline, store, request, start, asOf),
  )
  return {
    rows: windows.flatMap(({ rows }) => rows),
    windows: windows.length,
    incompleteWindows: windows.filter(({ complete }) => !complete).length,
    requests: windows.reduce((sum, { requests }) => sum + requests, 0),
    failures: windows.flatMap(({ failures }) => failures),
  }
}

interface WindowResult<Grouping extends string, M> {
  readonly rows: readonly Row<Grouping, M>[]
  readonly complete: boolean
  readonly requests: number
  readonly failures: readonly string[]
}

async function readWindow<Grouping extends string, M>(
  pipeline: Pipeline<Grouping, M>,
  store: CellStore,
  request: ReadRequest<Grouping>,
  windowStart: number,
  asOf: number,
): Promise<WindowResult<Grouping, M>> {
  const { sizeMs, paneMs } = pipeline.window
  const { grouping, consistency = 'balanced' } = request
  const key = request.key === undefined ? undefined : keyText(request.key)
  const panes = Array.from({ length: sizeMs / paneMs }, (_, index) => windowStart + index * paneMs)
  const live = panes.filter((pane) => asOf <= paneExpiryMs(pane, pipeline))
  const addresses = live.flatMap((pane) =>
    bucketsOf(pipeline, request).map((bucket) => cellAddress(pipeline, pane, bucket)),
  )
  const failures: string[] = []
  const cells = await mapConcurrently(addresses, maximumConcurrentCells, async (address) => {
    try {
      const stored = await store.read(address, consistency)
      return stored === undefined ? [] : [decodeCell(pipeline, address, stored.bytes)]
    } catch (error) {
      const code = storeFailureCode(error)
      if (code === undefined) throw error
      failures.push(code)
      return []
    }
  })

  const complete = failures.length === 0 && panes.every((pane) => asOf <= paneGateMs(pane, pipeline))
  const lossy = cells.flat().some((cell) => cell.lossy)
  const closesAt = windowClosesAtMs(windowStart, pipeline)
  const state = { complete, lossy, final: asOf >= closesAt, closesAt, asOf }
  const groups = mergeGroups(pipeline, cells.flat(), pipeline.groupings.indexOf(grouping))
  const rows = (key === undefined ? [...groups.keys()].sort() : [key]).map((name) => {
    const values = valuesOf<M>(pipeline, groups.get(name))
    return { grouping, key: decodeKey(name), windowStart, windowEnd: windowStart + sizeMs, values, ...state }
  })
  return { rows, complete, requests: addresses.length, failures }
}

/** A hashed key is asked for by the text under which it is listed: what was hashed is not known. */
function keyText(key: Key): string {
  return typeof key === 'string' && isHashedKey(key) ? key : encodeKey(key)
}

function bucketsOf(pipeline: Pipeline, { grouping, key }: ReadRequest<string>): number[] {
  const isRouted = key !== undefined && grouping === pipeline.bucketBy && !isHashedKey(keyText(key))
  if (isRouted) return [bucketOf(routingText(key), pipeline.buckets)]
  return Array.from({ length: pipeline.buckets }, (_, bucket) => bucket)
}

function mergeGroups(
  pipeline: Pipeline,
  cells: readonly Cell[],
  groupingIndex: number,
): Map<string, readonly State[]> {
  const merged = new Map<string, readonly State[]>()
  for (const cell of cells) {
    for (const [key, states] of cell.groups[groupingIndex] ?? []) {
      merged.set(key, mergeStates(pipeline, merged.get(key), states))
    }
  }
  return merged
}

function valuesOf<M>(pipeline: Pipeline, states: readonly State[] | undefined): Values<M> {
  const values = pipeline.measures.map(([name, measure], index) => [
    name,
    measure.result(states?.[index] ?? measure.empty),
  ])
  return Object.fromEntries(values) as Values<M>
}
