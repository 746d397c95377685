import { contradictsMemory, readBase } from './base.ts'
import {
  type Cell,
  type CellLimits,
  cellLimits,
  type Contribution,
  emptyCell,
  fold,
  nonceBytes,
  segmentsFor,
} from './cell.ts'
import { encodeCell } from './codec.ts'
import { NewerCodecError, StoreError, storeFailureCode } from './errors.ts'
import type { IdSet } from './id-set.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports } from './ports.ts'
import { OutOfTimeError, PaneClosedError, Requests } from './requests.ts'
import { loadSegments, sealActiveIds } from './segments.ts'
import type { WarmCells } from './warm-cells.ts'
import { headTtlSeconds, paneExpiryMs, paneGateMs } from './windows.ts'

/** What became of one event of a part. */
export type EventFate = 'counted' | 'duplicate' | 'expired' | 'over-cap' | 'unfinished'

/** The events of a batch that fall into one cell. */
export interface Part {
  /** The definition in force for the pane. */
  readonly pipeline: Pipeline
  readonly address: string
  readonly paneStartMs: number
  readonly events: readonly Contribution[]
}

/** The fates of a part's events, in their order, and what they took. */
export interface PartResult {
  readonly fates: readonly EventFate[]
  /** Store requests made. */
  readonly requests: number
  /** What each request that failed failed with. */
  readonly failures: readonly string[]
}

const maximumAttempts = 16
const backoff = { firstMs: 10, mostMs: 1_000 }
/** An attempt begins with time for this many requests in a row: a read and a swap. */
const requestsPerAttempt = 2

/**
 * Commits a part by compare-and-set: its events count whole, once, or not at all. A fate other than `unfinished` or
 * `expired` is given only once a swap was stored. Every error of the store leads to another attempt, which reads
 * again, because a write that failed may have landed.
 */
export async function commitPart(
  part: Part,
  ports: Ports,
  warm: WarmCells,
  limits: CellLimits = cellLimits,
): Promise<PartResult> {
  const { clock, random } = ports
  const requests = new Requests(ports, paneGateMs(part.paneStartMs, part.pipeline))
  const resultOf = (fates: readonly EventFate[]): PartResult => ({
    fates,
    requests: requests.made,
    failures: requests.failures,
  })
  const all = (fate: EventFate): PartResult => resultOf(part.events.map(() => fate))

  for (let attempt = 1; attempt <= maximumAttempts; attempt++) {
    if (!requests.hasTimeFor(requestsPerAttempt)) break
    if (requests.isClosed()) return all('expired')
    try {
      const outcome = await tryToCommit(part, attempt, requests, ports, warm, limits)
      if (outcome !== 'refused') return resultOf(outcome)
      warm.contest(part.address)
    } catch (error) {
      warm.contest(part.address)
      if (error instanceof OutOfTimeError) break
      if (error instanceof PaneClosedError) return all('expired')
      const code = storeFailureCode(error)
      if (code === undefined) throw error
      if (!(error instanceof StoreError)) requests.failures.push(code)
      if (error instanceof NewerCodecError) break
    }
    const mostMs = Math.min(backoff.firstMs * 2 ** (attempt - 1), backoff.mostMs)
    await clock.sleep(Math.max(0, Math.min(mostMs * random.fraction(), requests.spareMs(requestsPerAttempt))))
  }
  return all('unfinished')
}

/**
 * One attempt: the base, what is new in it, and the swap. The fates, or `refused` where another writer was first. The
 * first attempt may start from this instance's own copy.
 */
async function tryToCommit(
  part: Part,
  attempt: number,
  requests: Requests,
  ports: Ports,
  warm: WarmCells,
  limits: CellLimits,
): Promise<readonly EventFate[] | 'refused'> {
  const { clock, random } = ports
  const { pipeline, address } = part
  const copy = attempt === 1 ? warm.take(address) : undefined
  const base =
    copy ??
    (await readBase(pipeline, address, attempt > 1 || warm.isContested(address), requests, random, warm))
  const sealed = await loadSegments(base.cell.segments, requests, clock, warm)
  // Without its segments a cell is lost as a whole: state whose ids are gone would count redelivered events again.
  const cell = sealed === undefined ? emptyCell(pipeline, address, random.bytes(nonceBytes), true) : base.cell
  const isRestart = base.bytes === undefined || sealed === undefined

  // Folding changes the base in place. That is safe: the copy was handed to this attempt alone, and unless the swap is
  // stored nobody keeps it.
  const wasLossy = cell.lossy
  cell.lossy ||= contradictsMemory(cell, warm)
  const fates = foldNew(part, cell, sealed ?? [], limits)
  const isNew = fates.includes('counted')
  const isChanged = isRestart || isNew || cell.lossy !== wasLossy
  if (isChanged) {
    cell.version++
    cell.nonce = random.bytes(nonceBytes)
  }
  const expiryMs = paneExpiryMs(part.paneStartMs, pipeline)
  if (isNew && segmentsFor(cell.active.size, limits) > 0)
    await sealActiveIds(cell, expiryMs, requests, ports, warm, limits)
  const bytes = isChanged || base.bytes === undefined ? encodeCell(cell) : base.bytes

  const ttlSeconds = headTtlSeconds(expiryMs, clock.nowMs())
  const { hash: baseHash } = base
  const hash = await requests.write((store) =>
    baseHash === undefined
      ? store.createIfAbsent(address, bytes, ttlSeconds)
      : store.replaceIfEqual(address, bytes, baseHash, ttlSeconds),
  )
  if (hash === undefined) return 'refused'
  warm.keep({ cell, bytes, hash })
  return fates
}

/** Folds in what neither the head nor a segment that it names holds yet. */
function foldNew(
  { pipeline, events }: Part,
  cell: Cell,
  sealed: readonly IdSet[],
  limits: CellLimits,
): EventFate[] {
  // Segment by segment, so that one of them stays in the processor's cache for all events.
  const isSealed = new Uint8Array(events.length)
  const offered = events.map(({ id }) => id)
  for (const ids of sealed) ids.mark(offered, isSealed)
  return events.map((event, index) => {
    if (isSealed[index] === 1) return 'duplicate'
    const result = fold(pipeline, cell, event, limits)
    return result === 'folded' ? 'counted' : result
  })
}
