import { type Cell, cellAddress, mergeStates } from './cell.ts'
import { decodeCell } from './codec.ts'
import { DamagedBytesError, DefinitionError, NewerCodecError, StoreError } from './errors.ts'
import { bucketOf } from './identity.ts'
import { decodeKey, encodeKey, type Key } from './keys.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { State } from './measures/measure.ts'
import type { Pipeline, Values } from './pipeline.ts'
import type { CellStore, Clock, ReadConsistency } from './ports.ts'
import { routingText } from './route.ts'
import { paneGateMs, startOf, windowClosesAtMs } from './windows.ts'

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
  /** Store requests that were made: (panes) x (buckets), or one a pane for a key of the grouping bucketed by. */
  readonly requests: number
  /** Cells that could not be read. */
  readonly failedRequests: number
}

const maximumConcurrentReads = 16

/**
 * Reads the windows that overlap a time range, oldest first, keys in order. With a `key`, every window has a row, also
 * where nothing was counted. A cell that cannot be read is never taken for zero: its windows are not `complete`.
 * @throws DefinitionError for a grouping that the pipeline does not have.
 */
export async function read<Grouping extends string, M>(
  pipeline: Pipeline<Grouping, M>,
  store: CellStore,
  clock: Clock,
  request: ReadRequest<Grouping>,
): Promise<ReadResult<Grouping, M>> {
  const groupingIndex = pipeline.groupings.indexOf(request.grouping)
  if (groupingIndex < 0) {
    const known = pipeline.groupings.join(', ')
    throw new DefinitionError(
      `pipeline ${pipeline.name} has no grouping ${request.grouping}; it has ${known}`,
    )
  }
  const { sizeMs, paneMs } = pipeline.window
  const asOf = clock.nowMs()
  const buckets = bucketsOf(pipeline, request)
  const windowStarts: number[] = []
  for (let at = startOf(request.from, sizeMs); at < request.to; at += sizeMs) windowStarts.push(at)

  const cells = windowStarts.flatMap((windowStart) =>
    Array.from({ length: sizeMs / paneMs }, (_, pane) => windowStart + pane * paneMs).flatMap((paneStart) =>
      buckets.map((bucket) => ({ windowStart, paneStart, bucket })),
    ),
  )
  const found = await mapConcurrently(cells, maximumConcurrentReads, async (cell) => ({
    ...cell,
    content: await readCell(pipeline, store, cellAddress(pipeline, cell.paneStart, cell.bucket), request),
  }))

  const windows = windowStarts.map((windowStart) => {
    const parts = found.filter((cell) => cell.windowStart === windowStart)
    const complete = parts.every(
      ({ content, paneStart }) => content !== 'unreadable' && asOf <= paneGateMs(paneStart, pipeline),
    )
    const present = parts.flatMap(({ content }) => (typeof content === 'object' ? [content] : []))
    const closesAt = windowClosesAtMs(windowStart, pipeline)
    const common = {
      grouping: request.grouping,
      windowStart,
      windowEnd: windowStart + sizeMs,
      complete,
      lossy: present.some((cell) => cell.lossy),
      final: asOf >= closesAt,
      closesAt,
      asOf,
    }
    const groups = mergeGroups(pipeline, present, groupingIndex)
    const keys = request.key === undefined ? [...groups.keys()].sort() : [encodeKey(request.key)]
    const rows = keys.map((key) => ({
      ...common,
      key: decodeKey(key),
      values: valuesOf<M>(pipeline, groups.get(key)),
    }))
    return { rows, complete }
  })
  return {
    rows: windows.flatMap(({ rows }) => rows),
    windows: windows.length,
    incompleteWindows: windows.filter(({ complete }) => !complete).length,
    requests: cells.length,
    failedRequests: found.filter(({ content }) => content === 'unreadable').length,
  }
}

function bucketsOf(pipeline: Pipeline, { grouping, key }: ReadRequest<string>): number[] {
  if (key !== undefined && grouping === pipeline.bucketBy)
    return [bucketOf(routingText(key), pipeline.buckets)]
  return Array.from({ length: pipeline.buckets }, (_, bucket) => bucket)
}

async function readCell(
  pipeline: Pipeline,
  store: CellStore,
  address: string,
  { consistency = 'balanced' }: ReadRequest<string>,
): Promise<Cell | 'none' | 'unreadable'> {
  try {
    const stored = await store.read(address, consistency)
    return stored === undefined ? 'none' : decodeCell(pipeline, address, stored.bytes)
  } catch (error) {
    const isExpected =
      error instanceof StoreError || error instanceof DamagedBytesError || error instanceof NewerCodecError
    if (!isExpected) throw error
    return 'unreadable'
  }
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
