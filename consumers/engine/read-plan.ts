import { cellAddress } from './cell.ts'
import { bucketOf } from './identity.ts'
import { encodeKey, isHashedKey, type Key, routingText } from './keys.ts'
import type { Pipeline } from './pipeline.ts'
import { maximumDelayMs, paneExpiryMs, paneGateMs, type Span, spanOf, windowStarts } from './windows.ts'

/** One pane to read, as the definition in force for it has stored it. */
export interface PanePlan {
  readonly pipeline: Pipeline
  readonly paneStartMs: number
  /** The cells to read: none where the pane has expired, or does not know the grouping. */
  readonly addresses: readonly string[]
  /** The index of the grouping in its cells. */
  readonly grouping: number
  /** For each measure that the newest definition keeps, where the pane's groups hold it; -1 where they do not. */
  readonly columns: readonly number[]
  /** What is read is all that was counted: the pane lives, and holds the grouping and all of its measures. */
  readonly isWhole: boolean
}

/** One window to read, as a union of panes. */
export interface WindowPlan extends Span {
  /** When no live delivery can change the window any more. */
  readonly closesAtMs: number
  readonly panes: readonly PanePlan[]
}

/** What to read, of which grouping; times are epoch milliseconds. */
export interface ReadScope {
  readonly grouping: string
  readonly key?: Key
  readonly from: number
  readonly to: number
  /** The whole range as one window. */
  readonly total?: boolean
}

const maximumWindows = 10_000
/** Panes of all windows, one that windows share counted for each. */
const maximumMerges = 100_000

/**
 * The windows that overlap a time range, oldest first, or their one total, with every pane that they share planned once.
 * @throws RangeError for more than 10,000 windows, or windows of more than 100,000 panes in all.
 */
export function planRead(newest: Pipeline, scope: ReadScope, asOfMs: number): readonly WindowPlan[] {
  const spans = spansOf(newest, scope)
  const definitions = definitionsOf(newest)
  const planned = new Map<number, PanePlan>()
  return spans.map(({ startMs, endMs }): WindowPlan => {
    const panes: PanePlan[] = []
    let closesAtMs = 0
    for (const { pipeline, untilMs, delayMs } of definitions) {
      const fromMs = Math.max(startMs, pipeline.effectiveFromMs)
      const toMs = Math.min(endMs, untilMs)
      if (fromMs >= toMs) continue
      closesAtMs = Math.max(closesAtMs, toMs + delayMs)
      for (let paneStartMs = fromMs; paneStartMs < toMs; paneStartMs += pipeline.window.paneMs) {
        const pane = planned.get(paneStartMs) ?? planPane(newest, pipeline, paneStartMs, scope, asOfMs)
        planned.set(paneStartMs, pane)
        panes.push(pane)
      }
    }
    return { startMs, endMs, closesAtMs, panes }
  })
}

function spansOf({ window }: Pipeline, { from, to, total = false }: ReadScope): readonly Span[] {
  const spans = total
    ? spanOf(window, from, to)
    : windowStarts(window, from, to, maximumWindows).map((startMs) => ({
        startMs,
        endMs: startMs + window.sizeMs,
      }))
  const merges = spans.reduce((panes, { startMs, endMs }) => panes + (endMs - startMs) / window.paneMs, 0)
  if (merges <= maximumMerges) return spans
  throw new RangeError(
    `${spans.length} windows of ${merges / spans.length} panes are too much to read at once; ${maximumMerges} panes in all are the most`,
  )
}

/** A hashed key is asked for by the text under which it is listed: what was hashed is not known. */
export function keyText(key: Key): string {
  return typeof key === 'string' && isHashedKey(key) ? key : encodeKey(key)
}

interface InForce {
  readonly pipeline: Pipeline
  readonly untilMs: number
  /** After the end of a pane, how long a live delivery may still change it. */
  readonly delayMs: number
}

/** All definitions, the newest first. The mapping delivers with the newest one's record age, whatever the pane's. */
function definitionsOf(newest: Pipeline): InForce[] {
  const definitions: InForce[] = []
  let untilMs = Infinity
  let maximumRecordAgeMs = 0
  for (let pipeline: Pipeline | undefined = newest; pipeline !== undefined; pipeline = pipeline.predecessor) {
    maximumRecordAgeMs = Math.max(maximumRecordAgeMs, pipeline.maximumRecordAgeMs)
    const { allowedLatenessMs } = pipeline
    definitions.push({
      pipeline,
      untilMs,
      delayMs: maximumDelayMs({ allowedLatenessMs, maximumRecordAgeMs }),
    })
    untilMs = pipeline.effectiveFromMs
  }
  return definitions
}

function planPane(
  newest: Pipeline,
  pipeline: Pipeline,
  paneStartMs: number,
  scope: ReadScope,
  asOfMs: number,
): PanePlan {
  const grouping = pipeline.groupings.indexOf(scope.grouping)
  const kept = pipeline.keptMeasures[grouping] ?? []
  const wanted = newest.keptMeasures[newest.groupings.indexOf(scope.grouping)] ?? []
  const columns = wanted.map(({ name, kind }) =>
    kept.findIndex((measure) => measure.name === name && measure.kind === kind),
  )
  const isReadable = grouping >= 0 && asOfMs <= paneExpiryMs(paneStartMs, pipeline)
  const buckets = isReadable ? bucketsOf(pipeline, scope) : []
  return {
    pipeline,
    paneStartMs,
    addresses: buckets.map((bucket) => cellAddress(pipeline, paneStartMs, bucket)),
    grouping,
    columns,
    isWhole: isReadable && asOfMs <= paneGateMs(paneStartMs, pipeline) && !columns.includes(-1),
  }
}

function bucketsOf(pipeline: Pipeline, { grouping, key }: ReadScope): number[] {
  const isRouted = key !== undefined && grouping === pipeline.bucketBy && !isHashedKey(keyText(key))
  if (isRouted) return [bucketOf(routingText(key), pipeline.buckets)]
  return Array.from({ length: pipeline.buckets }, (_, bucket) => bucket)
}
