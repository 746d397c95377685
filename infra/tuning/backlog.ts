import { Timeline } from './timeline.ts'

/** What a batch takes, in milliseconds. */
export interface BacklogCosts {
  /** Work for each batch, however often it is tried. */
  readonly batchMs: number
  /** Work for each of its records, once: to decode it. */
  readonly recordMs: number
  /** Work for each of its records in each attempt: to fold it into the cell as it is then. */
  readonly foldMs: number
  /** Work for each request to the store, with what goes into it and is made of its answer. */
  readonly requestMs: number
  /** How long a request waits for its answer besides. */
  readonly waitMs: number
}

/** Records that wait in a stream, and what works them off. */
export interface Backlog {
  readonly costs: BacklogCosts
  /** Lanes a shard. */
  readonly factor: number
  readonly batchSize: number
  /** Of each shard the lanes of its records, 0 to below `factor`, in their order. */
  readonly shards: readonly ArrayLike<number>[]
  /** What all lanes have together. Default: each has a core of its own, as in AWS. */
  readonly cores?: number
  /** Default: as {@link recordsInHand} has it. */
  readonly recordsInHand?: number
  /** Ids that a cell holds before they are sealed into a segment, which is one more request. Default: any number. */
  readonly activeIds?: number
}

/** How a backlog was worked off. */
export interface WorkedOff {
  readonly durationMs: number
  readonly workedMs: number
  /** Those that were delivered again are one. */
  readonly batches: number
  /** To the store. */
  readonly requests: number
}

/** As the engine has it: the pause after an attempt that was refused, and after how many the batch is delivered again. */
const backoff = { firstMs: 10, mostMs: 1_000 }
const maximumAttempts = 16
/** One read brings so many at most. */
const readRecords = 10_000
/** Its multiples, less their whole parts, fall evenly between 0 and 1: chance that is the same every time. */
const goldenRatio = (Math.sqrt(5) - 1) / 2

/** Of one shard: how often it was swapped, and what it holds. */
interface Cell {
  readonly version: number
  readonly activeIds: number
  readonly segments: number
}

interface Shard {
  readonly records: ArrayLike<number>
  readonly lanes: readonly Lane[]
  read: number
  cell: Cell
}

interface Lane {
  /** Places in the shard of its records that were read; the first `counted` of them are done with. */
  readonly places: number[]
  counted: number
  isBusy: boolean
}

/** What an environment has of a cell: its copy, if its last swap was stored, and the segments that it has seen. */
interface Warm {
  copy: Cell | undefined
  segments: number
}

/** Records of a shard that are read and not yet done with, at most: one read, or two batches a lane where that is more. */
export function recordsInHand(factor: number, batchSize: number): number {
  return Math.max(readRecords, 2 * factor * batchSize)
}

/**
 * Plays how a backlog is worked off, batch by batch, as mapping and engine do it. All lanes of a shard swap the same
 * cell. A batch swaps it from the copy that its environment has, or else reads it first; where another lane was stored
 * meanwhile it is refused, pauses, reads the cell, and the segments that others have sealed, and swaps again. The
 * environment that was used last is used next.
 *
 * What lanes cost each other is no input: it follows from this. Where requests take most of the time, one lane goes on from
 * its own copy while what the others read is old before they swap. It ends when all records in hand are the others', and
 * nothing is stored until the first of them has ended its pause. Left out: that segments are read again every minute,
 * and eight at a time.
 */
export function workOff(backlog: Backlog): WorkedOff {
  const { costs, factor, batchSize, cores = Infinity, activeIds = Infinity } = backlog
  const timeline = new Timeline(cores)
  const environments: Map<Shard, Warm>[] = []
  const inHand = backlog.recordsInHand ?? recordsInHand(factor, batchSize)
  let [batches, requests, pauses] = [0, 0, 0]

  const request = (count: number, reach: () => void, then: () => void): void => {
    requests += count
    const halfMs = (count * costs.requestMs) / 2
    timeline.work(halfMs, () =>
      timeline.wait(costs.waitMs, () => {
        reach()
        timeline.work(halfMs, then)
      }),
    )
  }

  /** Folds `records` into the cell of `base`, and swaps it. */
  const swap = (shard: Shard, warm: Warm, base: Cell, records: number, then: (next?: Cell) => void): void => {
    const ids = base.activeIds + records
    const next =
      ids > activeIds
        ? { version: base.version + 1, activeIds: 0, segments: base.segments + 1 }
        : { ...base, version: base.version + 1, activeIds: ids }
    const last = (): void => {
      let isStored = false
      const reach = (): void => {
        isStored = shard.cell.version === base.version
        if (isStored) shard.cell = next
      }
      request(1, reach, () => then(isStored ? next : undefined))
    }
    const seal = (): void => (next.segments > base.segments ? request(1, () => undefined, last) : last())
    const fold = (): void => timeline.work(costs.foldMs * records, seal)
    const unseen = base.segments - warm.segments
    warm.segments = Math.max(warm.segments, base.segments)
    if (unseen > 0) request(unseen, () => undefined, fold)
    else fold()
  }

  const commit = (shard: Shard, warm: Warm, records: number, attempt: number, then: () => void): void => {
    const { copy } = warm
    warm.copy = undefined
    const from = (base: Cell): void =>
      swap(shard, warm, base, records, (next) => {
        if (next !== undefined) {
          warm.copy = next
          warm.segments = next.segments
          return then()
        }
        pauses += 1
        const mostMs = Math.min(backoff.firstMs * 2 ** (attempt - 1), backoff.mostMs)
        timeline.wait(mostMs * ((pauses * goldenRatio) % 1), () => {
          if (attempt < maximumAttempts) commit(shard, warm, records, attempt + 1, then)
          else deliver(shard, warm, records, then)
        })
      })
    if (copy !== undefined) return from(copy)
    let base = shard.cell
    request(
      1,
      () => (base = shard.cell),
      () => from(base),
    )
  }

  const deliver = (shard: Shard, warm: Warm, records: number, then: () => void): void =>
    timeline.work(costs.batchMs + costs.recordMs * records, () => commit(shard, warm, records, 1, then))

  const begin = (shard: Shard, lane: Lane): void => {
    const records = Math.min(batchSize, lane.places.length - lane.counted)
    if (lane.isBusy || records === 0) return
    lane.isBusy = true
    batches += 1
    const environment = environments.pop() ?? new Map<Shard, Warm>()
    const warm = environment.get(shard) ?? { copy: undefined, segments: 0 }
    environment.set(shard, warm)
    deliver(shard, warm, records, () => {
      environments.push(environment)
      lane.isBusy = false
      lane.counted += records
      read(shard)
    })
  }

  /** There is a next read when there is room for half of what may be in hand. */
  const read = (shard: Shard): void => {
    const { lanes, records } = shard
    const checkpoint = Math.min(
      shard.read,
      ...lanes.map(({ places, counted }) => places[counted] ?? Infinity),
    )
    const room = inHand - (shard.read - checkpoint)
    if (room >= inHand / 2) {
      const end = Math.min(records.length, shard.read + Math.min(room, readRecords))
      for (; shard.read < end; shard.read += 1) lanes[records[shard.read] ?? 0]?.places.push(shard.read)
    }
    for (const lane of lanes) begin(shard, lane)
  }

  for (const records of backlog.shards) {
    const lanes = Array.from({ length: factor }, (): Lane => ({ places: [], counted: 0, isBusy: false }))
    read({ records, lanes, read: 0, cell: { version: 0, activeIds: 0, segments: 0 } })
  }
  timeline.run()
  return { durationMs: timeline.nowMs, workedMs: timeline.workedMs, batches, requests }
}
