import { hash } from 'node:crypto'
import type { Answer, Instances } from './instances.ts'
import type { Shard, Stream, StreamRecord } from './stream.ts'
import type { World } from './world.ts'

/** After a delivery that failed or made no progress. */
const backoffMs = 2_000
/** Deliveries in a row that may finish nothing once nothing goes wrong any more. */
const maximumIdleDeliveries = 12

/** How a mapping delivers. */
export interface MappingOptions {
  readonly name: string
  readonly maximumAttempts: number | undefined
  readonly maximumRecordAgeMs: number | undefined
}

/** What a mapping knows of one shard. */
interface Consumer {
  readonly shard: Shard
  /** Lanes of another epoch than this have been given up: the parallelization factor was changed. */
  epoch: number
  lanes: number
  /** Lanes of this epoch that have not come to the shard's end. */
  openLanes: number
  /** Of each lane, the index of the next record that it has not looked at. */
  cursors: number[]
  /** Records that need not be delivered again, by their index. */
  readonly done: Set<number>
  inFlight: number
  readonly finish: () => void
}

/** An event source mapping: delivers every record of a stream at least once, in the order of each lane. */
export class Mapping {
  readonly #world: World
  readonly #stream: Stream
  readonly #instances: Instances
  readonly #options: MappingOptions
  readonly #consumers: Consumer[] = []
  /** Of each shard that it has met, when all of it is done. */
  readonly #finished = new Map<Shard, Promise<void>>()
  isDone = false

  constructor(world: World, stream: Stream, instances: Instances, options: MappingOptions) {
    this.#world = world
    this.#stream = stream
    this.#instances = instances
    this.#options = options
  }

  /** Delivers from the stream's beginning until it has ended and all of it is done. */
  async run(): Promise<void> {
    for (;;) {
      for (const shard of this.#stream.shards) {
        if (!this.#finished.has(shard)) this.#finished.set(shard, this.#consume(shard))
      }
      if (this.#stream.isEnded) break
      await this.#stream.more()
    }
    await Promise.all(this.#finished.values())
    this.isDone = true
  }

  /** Gives up the lanes as they are, with whatever they have in flight, and starts others from the checkpoint. */
  changeFactor(lanes: number): void {
    for (const consumer of this.#consumers) {
      if (consumer.openLanes === 0) continue
      if (consumer.inFlight > 0) this.#world.saw('parallelization factor changed in flight')
      this.#startLanes(consumer, lanes)
    }
  }

  /** A child comes after its parents. */
  async #consume(shard: Shard): Promise<void> {
    await Promise.all(shard.parents.flatMap((parent) => this.#finished.get(parent) ?? []))
    await new Promise<void>((resolve) => {
      const consumer: Consumer = {
        shard,
        epoch: 0,
        lanes: 0,
        openLanes: 0,
        cursors: [],
        done: new Set(),
        inFlight: 0,
        finish: resolve,
      }
      this.#consumers.push(consumer)
      this.#startLanes(consumer, this.#world.plan.world.lanesPerShard)
    })
  }

  #startLanes(consumer: Consumer, lanes: number): void {
    // The checkpoint is a position: what other lanes have done beyond it comes again.
    let checkpoint = 0
    while (consumer.done.has(checkpoint)) checkpoint++
    for (const index of consumer.done) if (index > checkpoint) consumer.done.delete(index)
    consumer.epoch++
    consumer.lanes = lanes
    consumer.openLanes = lanes
    consumer.cursors = Array.from({ length: lanes }, () => checkpoint)
    for (let lane = 0; lane < lanes; lane++) void this.#runLane(consumer, lane, consumer.epoch)
  }

  async #runLane(consumer: Consumer, lane: number, epoch: number): Promise<void> {
    const { scheduler, random, plan } = this.#world
    const { shard } = consumer
    for (;;) {
      await scheduler.sleep(random.below(1 + plan.world.batchingWindowMs))
      if (consumer.epoch !== epoch) return
      const batch = this.#take(consumer, lane)
      if (batch.length > 0) await this.#deliver(consumer, epoch, batch)
      else if (shard.isOpen && !this.#stream.isEnded) await this.#stream.more()
      else if (consumer.epoch === epoch && (consumer.cursors[lane] ?? 0) >= shard.records.length) {
        if (--consumer.openLanes === 0) consumer.finish()
        return
      }
    }
  }

  /** The next records of the lane, as many as a batch may have, by their index in the shard. */
  #take(consumer: Consumer, lane: number): number[] {
    const { records } = consumer.shard
    const batch: number[] = []
    const most = this.#world.random.between(1, this.#world.plan.world.batchSize)
    let at = consumer.cursors[lane] ?? 0
    for (; at < records.length && batch.length < most; at++) {
      const record = records[at]
      if (record !== undefined && laneOf(record.partitionKey, consumer.lanes) === lane) batch.push(at)
    }
    consumer.cursors[lane] = at
    return batch
  }

  /** Delivers a batch, whole or in parts, until each of its records is done or given up. */
  async #deliver(consumer: Consumer, epoch: number, batch: readonly number[]): Promise<void> {
    const world = this.#world
    const parts = [{ indexes: batch, attempts: 0 }]
    let idleDeliveries = 0
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const { attempts } = part
      const indexes = this.#withoutDiscarded(consumer, part.indexes, attempts)
      if (indexes.length === 0) continue
      const wasQuiet = world.isQuiet
      const answer = await this.#invoke(consumer, indexes)
      if (consumer.epoch !== epoch) return
      const done = answer.kind === 'failed' ? 0 : (answer.firstUnfinished ?? indexes.length)
      for (const index of indexes.slice(0, done)) consumer.done.add(index)
      const rest = indexes.slice(done)
      if (rest.length === 0) continue

      idleDeliveries = done === 0 && wasQuiet ? idleDeliveries + 1 : 0
      world.check(
        idleDeliveries <= maximumIdleDeliveries,
        'with faults off every lane drains',
        () => `${consumer.shard.name}: ${idleDeliveries} deliveries have finished nothing`,
      )
      if (world.violation !== undefined) return
      const nextAttempts = done === 0 ? attempts + 1 : 0
      if (answer.kind === 'failed' && world.plan.world.bisects && rest.length > 1) {
        world.saw('bisected')
        const middle = rest.length >> 1
        parts.unshift(
          { indexes: rest.slice(0, middle), attempts: nextAttempts },
          { indexes: rest.slice(middle), attempts: nextAttempts },
        )
      } else parts.unshift({ indexes: rest, attempts: nextAttempts })
      await world.scheduler.sleep(world.random.below(backoffMs))
    }
  }

  async #invoke(consumer: Consumer, indexes: readonly number[]): Promise<Answer> {
    const records = indexes.flatMap((index) => consumer.shard.records[index] ?? [])
    consumer.inFlight++
    const answer = await this.#instances.invoke(records)
    consumer.inFlight--
    if (answer.kind === 'failed' || !this.#world.happens('lostAcknowledgement')) return answer
    this.#world.saw('lost acknowledgement')
    return { kind: 'failed' }
  }

  /** What is too old, or was tried too often, goes to the on-failure destination: that is its fate. */
  #withoutDiscarded(consumer: Consumer, indexes: readonly number[], attempts: number): readonly number[] {
    const { maximumAttempts = Infinity, maximumRecordAgeMs = Infinity } = this.#options
    const world = this.#world
    return indexes.filter((index) => {
      const record = consumer.shard.records[index]
      if (record === undefined) return false
      const isOld = world.nowMs - record.arrivalMs > maximumRecordAgeMs
      if (!isOld && attempts < maximumAttempts) return true
      world.saw(isOld ? 'discarded for its age' : 'discarded for its attempts')
      this.#discard(record)
      consumer.done.add(index)
      return false
    })
  }

  #discard({ place, planned }: StreamRecord): void {
    this.#world.discarded.add(place.sequenceNumber)
    this.#world.tell(() => `${this.#options.name} discards ${planned.key}`)
  }
}

function laneOf(partitionKey: string, lanes: number): number {
  return (hash('sha256', partitionKey, 'buffer')[0] ?? 0) % lanes
}
