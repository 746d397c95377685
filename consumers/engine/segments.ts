import { type Cell, type CellLimits, nonceBytes, type Segment, segmentAddress, segmentsFor } from './cell.ts'
import { decodeSegment, encodeSegment } from './codec.ts'
import { DamagedBytesError, StoreError } from './errors.ts'
import { IdSet } from './id-set.ts'
import { mapConcurrently } from './map-concurrently.ts'
import type { CellStore, Clock, Ports, StoredBytes } from './ports.ts'
import type { Requests } from './requests.ts'
import { segmentTtlSeconds } from './windows.ts'
import type { WarmCells } from './warm-cells.ts'

/** Segments of one cell that are read or written at the same time. */
const maximumConcurrentSegments = 8
/** Of one segment in one attempt. */
const maximumWrites = 3
/** At most, before a segment is written again. */
const rewritePauseMs = 50

/**
 * The ids of the segments that a head names: from copies that were proved less than a minute ago, else read
 * consistently. `undefined` where a segment is confirmed lost: then the cell is lost as a whole.
 */
export async function loadSegments(
  segments: readonly Segment[],
  requests: Requests,
  clock: Clock,
  warm: WarmCells,
): Promise<IdSet[] | undefined> {
  const loaded = segments.map((segment) => warm.segment(segment.address, clock.nowMs()))
  let isLost = false
  await mapConcurrently([...segments.entries()], maximumConcurrentSegments, async ([index, segment]) => {
    if (loaded[index] !== undefined || isLost) return
    const look = (again: boolean): Promise<IdSet | undefined> =>
      readSegment(segment, again, requests, clock, warm)
    const ids = (await look(false)) ?? (await look(true))
    if (ids === undefined) isLost = true
    loaded[index] = ids
  })
  const present = loaded.filter((ids) => ids !== undefined)
  return present.length === segments.length ? present : undefined
}

async function readSegment(
  segment: Segment,
  again: boolean,
  requests: Requests,
  clock: Clock,
  warm: WarmCells,
): Promise<IdSet | undefined> {
  let startedAtMs = 0
  const read = (store: CellStore): Promise<StoredBytes | undefined> => {
    startedAtMs = clock.nowMs()
    return store.read(segment.address, 'consistent')
  }
  const stored = await (again ? requests.readAgain(read) : requests.read(read))
  if (stored === undefined) return undefined
  try {
    const ids = decodeSegment(segment, stored.bytes)
    warm.keepSegment(segment.address, ids, startedAtMs)
    return ids
  } catch (error) {
    if (error instanceof DamagedBytesError) return undefined
    throw error
  }
}

/**
 * Writes the active ids of a cell as segments under names that nobody used before, waits until the store has
 * acknowledged every one, and only then lets the cell name them.
 */
export async function sealActiveIds(
  cell: Cell,
  expiryMs: number,
  requests: Requests,
  ports: Pick<Ports, 'clock' | 'random'>,
  warm: WarmCells,
  limits: CellLimits,
): Promise<void> {
  const count = segmentsFor(cell.active.size, limits)
  const idsEach = Math.ceil(cell.active.size / count)
  const sealed = await mapConcurrently(
    Array.from({ length: count }, (_, index) => index * idsEach),
    maximumConcurrentSegments,
    (first) => {
      const packed = cell.active.packed(first, Math.min(first + idsEach, cell.active.size))
      return writeSegment(cell.address, packed, expiryMs, requests, ports, warm)
    },
  )
  cell.segments = [...cell.segments, ...sealed]
  cell.active = new IdSet()
}

/**
 * Writes a segment, each time under another name, so that what a write left that only seemed to fail is named by no
 * head. A few tries, or a store that refuses some of its requests would hardly ever let a large batch seal.
 */
async function writeSegment(
  cellAddress: string,
  packed: Uint8Array,
  expiryMs: number,
  requests: Requests,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  warm: WarmCells,
): Promise<Segment> {
  for (let attempt = 1; ; attempt++) {
    const address = segmentAddress(cellAddress, random.bytes(nonceBytes))
    const bytes = encodeSegment(address, packed)
    const startedAtMs = clock.nowMs()
    const ttlSeconds = segmentTtlSeconds(expiryMs, startedAtMs)
    try {
      await requests.write(async (store) => {
        const hash = await store.createIfAbsent(address, bytes, ttlSeconds)
        if (hash === undefined) throw new StoreError('a fresh name was taken', { code: 'name-taken' })
      })
      const ids = IdSet.unpack(packed)
      warm.keepSegment(address, ids, startedAtMs)
      return { address, ids: ids.size }
    } catch (error) {
      if (!(error instanceof StoreError) || attempt === maximumWrites) throw error
      await clock.sleep(Math.max(0, Math.min(random.fraction() * rewritePauseMs, requests.spareMs(1))))
    }
  }
}
