import { type Cell, type Contribution, emptyCell, fold, nonceBytes } from './cell.ts'
import { decodeCell, encodeCell } from './codec.ts'
import { DamagedBytesError, NewerCodecError, storeFailureCode } from './errors.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports, StoredBytes } from './ports.ts'
import { sameBytes, type WarmCells } from './warm-cells.ts'
import { paneExpiryMs, paneGateMs } from './windows.ts'

/** What became of one event of a part. */
export type EventFate = 'counted' | 'duplicate' | 'expired' | 'over-cap' | 'unfinished'

/** The events of a batch that fall into one cell. */
export interface Part {
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

/**
 * Commits a part by compare-and-set: its events count whole, once, or not at all. A fate other than `unfinished` or
 * `expired` is given only once a swap was stored. Every error of the store leads to another attempt, which reads
 * again, because a write that failed may have landed.
 */
export async function commitPart(
  pipeline: Pipeline,
  part: Part,
  ports: Ports,
  warm: WarmCells,
): Promise<PartResult> {
  const { store, clock, random } = ports
  let requests = 0
  const failures: string[] = []
  const all = (fate: EventFate): PartResult => ({ fates: part.events.map(() => fate), requests, failures })

  for (let attempt = 1; attempt <= maximumAttempts && hasTime(ports); attempt++) {
    if (isClosed(pipeline, part, ports)) return all('expired')
    try {
      const copy = attempt === 1 ? warm.take(part.address) : undefined
      const consistent = attempt > 1 || warm.isContested(part.address)
      let base: Base
      if (copy !== undefined) {
        base = copy
      } else {
        requests++
        const stored = await store.read(part.address, consistent ? 'consistent' : 'balanced')
        base = baseOf(pipeline, part.address, stored, consistent, ports, warm)
      }
      // Folding changes the base in place. That is safe: the copy was handed to this attempt alone, and unless the
      // swap is stored nobody keeps it.
      const { cell } = base
      const wasLossy = cell.lossy
      cell.lossy ||= contradictsMemory(base, warm)
      const fates = part.events.map((event): EventFate => {
        const result = fold(pipeline, cell, event)
        return result === 'folded' ? 'counted' : result
      })
      const changed = base.bytes === undefined || cell.lossy !== wasLossy || fates.includes('counted')
      if (changed) {
        cell.version++
        cell.nonce = random.bytes(nonceBytes)
      }
      const bytes = changed || base.bytes === undefined ? encodeCell(cell) : base.bytes

      if (isClosed(pipeline, part, ports)) return all('expired')
      const ttlSeconds = Math.floor((paneExpiryMs(part.paneStartMs, pipeline) - clock.nowMs()) / 1_000)
      requests++
      const hash =
        base.hash === undefined
          ? await store.createIfAbsent(part.address, bytes, ttlSeconds)
          : await store.replaceIfEqual(part.address, bytes, base.hash, ttlSeconds)
      if (hash !== undefined) {
        warm.keep({ cell, bytes, hash })
        return { fates, requests, failures }
      }
    } catch (error) {
      const code = storeFailureCode(error)
      if (code === undefined) throw error
      failures.push(code)
      if (error instanceof NewerCodecError) return all('unfinished')
    }
    warm.contest(part.address)
    const mostMs = Math.min(backoff.firstMs * 2 ** (attempt - 1), backoff.mostMs)
    await clock.sleep(Math.max(0, Math.min(mostMs * random.fraction(), spareMs(ports))))
  }
  return all('unfinished')
}

/** What an attempt starts from. Without a hash there is nothing to replace; without bytes nothing to swap unchanged. */
interface Base {
  readonly cell: Cell
  readonly bytes?: Uint8Array
  readonly hash?: Uint8Array
}

function baseOf(
  pipeline: Pipeline,
  address: string,
  stored: StoredBytes | undefined,
  consistent: boolean,
  { random }: Ports,
  warm: WarmCells,
): Base {
  if (stored === undefined) return { cell: emptyCell(pipeline, address, random.bytes(nonceBytes), false) }
  try {
    const base = { cell: decodeCell(pipeline, address, stored.bytes), ...stored }
    if (!contradictsMemory(base, warm)) warm.remember(base.cell)
    return base
  } catch (error) {
    // A balanced read may have met a torn or stale copy: only a consistent one confirms the loss. Then the cell is
    // lost as a whole, for state without its ids would count redelivered events again.
    if (!(error instanceof DamagedBytesError) || !consistent) throw error
    return { cell: emptyCell(pipeline, address, random.bytes(nonceBytes), true), hash: stored.hash }
  }
}

/** The store has less than this instance once saw there: a miss, another incarnation, or an older version. */
function contradictsMemory({ cell }: Base, warm: WarmCells): boolean {
  const memory = warm.memory(cell.address)
  if (memory === undefined) return false
  return !sameBytes(memory.incarnation, cell.incarnation) || cell.version < memory.version
}

function isClosed(pipeline: Pipeline, part: Part, { clock }: Ports): boolean {
  return clock.nowMs() > paneGateMs(part.paneStartMs, pipeline)
}

/** An attempt is a read and a swap, and after it the rejected records have to be written. */
function spareMs({ deadline, store, failedRecords }: Ports): number {
  return deadline.remainingMs() - 2 * store.requestTimeoutMs - failedRecords.writeTimeoutMs
}

function hasTime(ports: Ports): boolean {
  return spareMs(ports) >= 0
}
