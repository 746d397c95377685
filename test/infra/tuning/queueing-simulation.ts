import { seededRandom } from '../../../producers/lib/seeded-random.ts'
import { foldedShare } from '../../../infra/tuning/lane.ts'
import type { Tuning } from '../../../infra/tuning/tune.ts'

/** What arrives, and what a batch takes. */
export interface SimulatedLoad {
  readonly seed: number
  readonly partitionKeys: number
  /** One after the other. */
  readonly phases: readonly { readonly lastsMs: number; readonly recordsPerSecond: number }[]
  /** At the memory of the tuning. */
  readonly batchMs: number
  readonly recordMs: number
}

/** How old records were when they were counted, in milliseconds, ascending. */
export interface SimulatedRun {
  readonly lagsMs: Float64Array
}

type Settings = Pick<Tuning, 'shardCount' | 'parallelizationFactor' | 'batchSize' | 'batchingWindowMs'>

interface Lane {
  readonly shard: Shard
  /** Arrival times of what was read, oldest first from `next` on. */
  readonly waiting: number[]
  next: number
  gatheringSinceMs: number
  isBusy: boolean
}

interface Shard {
  readonly arrivals: { readonly atMs: number; readonly lane: number }[]
  read: number
  /** Grows with each swap of the shard's cell. */
  version: number
  readonly lanes: Lane[]
}

/** An execution environment: the version of each shard's cell of which it has a copy. */
type Environment = Map<Shard, number>

const pollMs = 1_000
const recordsPerRead = 10_000
const pauseBetweenReadsMs = 200
/** Far more than any run has: one that does not end is a fault. */
const maximumEvents = 10_000_000

/**
 * Plays a stream with its lanes event by event: Poisson arrivals, keys dealt to shards and lanes by chance, a poll a second
 * for each shard, a batching window that begins when the last invocation ended, one batch at a time a lane, in the
 * environment that was used last. A batch swaps its shard's cell: it repeats its fixed part, and folds its records again,
 * whenever the copy that it began with is not the latest when it ends.
 */
export function simulate(settings: Settings, load: SimulatedLoad): SimulatedRun {
  const { batchSize, batchingWindowMs: windowMs } = settings
  const random = seededRandom(load.seed)
  const shards = deal(settings, load, random)
  const queue = new EventQueue()
  const idle: Environment[] = []
  const lags: number[] = []

  const attempt = (
    lane: Lane,
    arrivals: readonly number[],
    environment: Environment,
    startMs: number,
    takesMs = load.batchMs + load.recordMs * arrivals.length,
  ): void => {
    const { shard } = lane
    // Without a copy it reads the cell first: that is the latest.
    const base = environment.get(shard) ?? shard.version
    queue.add(startMs + takesMs, (nowMs) => {
      if (base !== shard.version) {
        environment.set(shard, shard.version)
        const againMs = load.batchMs + foldedShare * load.recordMs * arrivals.length
        return attempt(lane, arrivals, environment, nowMs, againMs)
      }
      shard.version += 1
      environment.set(shard, shard.version)
      for (const arrivedMs of arrivals) lags.push(nowMs - arrivedMs)
      idle.push(environment)
      lane.isBusy = false
      lane.gatheringSinceMs = nowMs
      look(lane, nowMs)
    })
  }
  const look = (lane: Lane, nowMs: number): void => {
    const waiting = lane.waiting.length - lane.next
    if (lane.isBusy || waiting === 0) return
    const dueMs = lane.gatheringSinceMs + windowMs
    if (waiting < batchSize && nowMs < dueMs) {
      queue.add(dueMs, (laterMs) => look(lane, laterMs))
      return
    }
    lane.isBusy = true
    const arrivals = lane.waiting.slice(lane.next, lane.next + batchSize)
    lane.next += arrivals.length
    attempt(lane, arrivals, idle.pop() ?? new Map(), nowMs)
  }
  const poll = (shard: Shard, nowMs: number): void => {
    const from = shard.read
    while (shard.read - from < recordsPerRead) {
      const record = shard.arrivals[shard.read]
      if (record === undefined || record.atMs > nowMs) break
      const lane = shard.lanes[record.lane]
      // A window that ended without a record was followed by the next one.
      if (lane !== undefined && !lane.isBusy && lane.waiting.length === lane.next && windowMs > 0)
        lane.gatheringSinceMs += Math.floor((nowMs - lane.gatheringSinceMs) / windowMs) * windowMs
      lane?.waiting.push(record.atMs)
      shard.read += 1
    }
    for (const lane of shard.lanes) look(lane, nowMs)
    if (shard.read === shard.arrivals.length) return
    const isMore = (shard.arrivals[shard.read]?.atMs ?? Infinity) <= nowMs
    queue.add(nowMs + (isMore ? pauseBetweenReadsMs : pollMs), (laterMs) => poll(shard, laterMs))
  }
  for (const shard of shards) queue.add(random() * pollMs, (nowMs) => poll(shard, nowMs))
  queue.run()
  return { lagsMs: Float64Array.from(lags).sort() }
}

function deal(
  { shardCount, parallelizationFactor }: Settings,
  { partitionKeys, phases }: SimulatedLoad,
  random: () => number,
): Shard[] {
  const shards = Array.from({ length: shardCount }, (): Shard => {
    const shard: Shard = { arrivals: [], read: 0, version: 0, lanes: [] }
    for (let lane = 0; lane < parallelizationFactor; lane += 1)
      shard.lanes.push({ shard, waiting: [], next: 0, gatheringSinceMs: 0, isBusy: false })
    return shard
  })
  const places = Array.from({ length: partitionKeys }, () => ({
    shard: shards[Math.floor(random() * shardCount)],
    lane: Math.floor(random() * parallelizationFactor),
  }))
  let atMs = 0
  let endMs = 0
  for (const { lastsMs, recordsPerSecond } of phases) {
    endMs += lastsMs
    for (;;) {
      const nextMs = atMs - (Math.log(1 - random()) * 1_000) / recordsPerSecond
      if (nextMs > endMs) break
      atMs = nextMs
      const place = places[Math.floor(random() * partitionKeys)]
      place?.shard?.arrivals.push({ atMs, lane: place.lane })
    }
    atMs = endMs
  }
  return shards
}

/** What is to happen, the earliest first: a binary heap. */
class EventQueue {
  readonly #heap: { readonly atMs: number; readonly happen: (nowMs: number) => void }[] = []

  add(atMs: number, happen: (nowMs: number) => void): void {
    const heap = this.#heap
    let index = heap.push({ atMs, happen }) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#at(parent) <= this.#at(index)) return
      this.#swap(index, parent)
      index = parent
    }
  }

  run(): void {
    for (let events = 0; events < maximumEvents; events += 1) {
      const first = this.#take()
      if (first === undefined) return
      first.happen(first.atMs)
    }
    throw new Error('the simulation does not end')
  }

  #take() {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    heap[0] = last
    for (let index = 0; ;) {
      const child = this.#at(2 * index + 1) <= this.#at(2 * index + 2) ? 2 * index + 1 : 2 * index + 2
      if (this.#at(index) <= this.#at(child)) return first
      this.#swap(index, child)
      index = child
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.atMs ?? Infinity
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return
    this.#heap[a] = second
    this.#heap[b] = first
  }
}
