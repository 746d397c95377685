import type { SourceRecord, UnreadableRecord } from '../../consumers/engine/ports.ts'
import { hashSpacePosition, type ModelEvent, modelEvent, partitionKeyOf, type Place } from './model.ts'
import type { PlannedEvent, PlannedRecord } from './plan.ts'
import type { World } from './world.ts'

const streamArn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/departures'
const hashSpaceEnd = 1n << 128n
/** Between a put and the moment at which a consumer can see it. */
const propagationMs = 50

/** One record in its shard. */
export interface StreamRecord {
  readonly place: Place
  readonly partitionKey: string
  readonly arrivalMs: number
  readonly planned: PlannedEvent
  readonly form: PlannedRecord['form']
  /** `undefined` for what cannot be read. */
  readonly event: ModelEvent | undefined
  /** What the engine is given. */
  readonly source: SourceRecord | UnreadableRecord
}

/** A part of the hash space; `to` is exclusive. */
export interface Shard {
  readonly name: string
  readonly from: bigint
  readonly to: bigint
  readonly parents: readonly Shard[]
  readonly records: StreamRecord[]
  isOpen: boolean
}

/** A stream whose shards split and merge. Consumers ask it what there is, and are woken when there is more. */
export class Stream {
  readonly shards: Shard[] = []
  readonly #world: World
  #sequence = 0
  #waiting: (() => void)[] = []
  isEnded = false

  constructor(world: World) {
    this.#world = world
    const { shards } = world.plan.world
    for (let index = 0; index < shards; index++) {
      this.#open(boundary(index, shards), boundary(index + 1, shards), [])
    }
  }

  put({ event: index, form }: PlannedRecord): void {
    const planned = this.#world.plan.events[index]
    if (planned === undefined) return
    const partitionKey = partitionKeyOf(this.#world.plan.world, planned)
    this.append(partitionKey, (place) => recordOf(this.#world, planned, form, place, partitionKey))
    this.#world.trace.note(index)
  }

  /** Puts a record at the end of the shard that its partition key belongs to. */
  append(partitionKey: string, recordAt: (place: Place) => StreamRecord): void {
    const position = hashSpacePosition(partitionKey)
    const shard = this.shards.find(({ isOpen, from, to }) => isOpen && from <= position && position < to)
    if (shard === undefined) throw new Error('the open shards do not cover the hash space')
    const sequenceNumber = `4959033827149025660855969253836157109592157598913${++this.#sequence}`
    shard.records.push(recordAt({ stream: streamArn, shard: shard.name, sequenceNumber }))
    this.#wake()
  }

  /** No more records come. */
  end(): void {
    this.isEnded = true
    this.#wake()
  }

  /** Resolves when there may be more than there was. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  split(): void {
    const parent = this.#world.random.pickAny(this.shards.filter(({ isOpen }) => isOpen))
    if (parent === undefined) return
    parent.isOpen = false
    const middle = (parent.from + parent.to) / 2n
    this.#open(parent.from, middle, [parent])
    this.#open(middle, parent.to, [parent])
    this.#world.saw('split')
    this.#wake()
  }

  merge(): void {
    const open = this.shards.filter(({ isOpen }) => isOpen)
    const left = this.#world.random.pickAny(open.filter(({ to }) => to < hashSpaceEnd))
    const right = open.find(({ from }) => from === left?.to)
    if (left === undefined || right === undefined) return
    left.isOpen = false
    right.isOpen = false
    this.#open(left.from, right.to, [left, right])
    this.#world.saw('merge')
    this.#wake()
  }

  #open(from: bigint, to: bigint, parents: readonly Shard[]): void {
    const name = `shardId-${String(this.shards.length).padStart(12, '0')}`
    this.shards.push({ name, from, to, parents, records: [], isOpen: true })
  }

  #wake(): void {
    const woken = this.#waiting
    this.#waiting = []
    for (const resolve of woken) this.#world.scheduler.after(this.#world.random.below(propagationMs), resolve)
  }
}

function boundary(index: number, shards: number): bigint {
  return (hashSpaceEnd * BigInt(index)) / BigInt(shards)
}

function recordOf(
  world: World,
  planned: PlannedEvent,
  form: PlannedRecord['form'],
  place: Place,
  partitionKey: string,
): StreamRecord {
  const arrivalMs = world.nowMs
  const event = form === 'event' ? modelEvent(world.plan.world, planned, place) : undefined
  if (event !== undefined) world.events.set(event.id, event)
  const json = { ...planned, timeMs: world.plan.world.startMs + planned.timeMs }
  const text = {
    event: JSON.stringify(json),
    garbage: '{"key":',
    'wrong-shape': JSON.stringify({ ...json, miles: 'many' }),
    unreadable: '',
  }[form]
  const raw = place.sequenceNumber
  const source =
    form === 'unreadable'
      ? { reason: 'unknown-source' as const, detail: 'it has no known shape', position: place, raw }
      : { position: place, partitionKey, arrivalMs, payload: Buffer.from(text), raw }
  return { place, partitionKey, arrivalMs, planned, form, event, source }
}
