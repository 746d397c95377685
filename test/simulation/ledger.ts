import type { RejectedRecord, StoredBytes } from '../../consumers/engine/ports.ts'
import type { BatchReport } from '../../consumers/engine/process-batch.ts'
import type { Item } from './cache.ts'
import { shortName } from './decay.ts'
import { type Rejecter, writeTimeoutMs } from './failed-records.ts'
import type { Invocation } from './instances.ts'
import { gateMs, timeVerdict } from './model.ts'
import { type Requester, requestTimeoutMs, type Write } from './store.ts'
import {
  addedIds,
  checkSentWrite,
  checkStoredHead,
  noteSkewAtGate,
  noteStoredHead,
  stateOf,
  baseOf,
} from './stored-invariants.ts'
import { placeOf, type StoredState } from './stored-state.ts'
import type { StreamRecord } from './stream.ts'
import { type CellMemory, rememberRead, rememberSwap, showsLoss } from './warm-memory.ts'
import type { World } from './world.ts'

/** Of one part; the protocol's bound. */
const attemptsPerPart = 16
/** In one attempt: a read, another where that one was damaged, and a swap. */
const requestsPerHead = 3
/** In one attempt: a read, and another to confirm a loss; or a write. */
const requestsPerSegment = 2
/** With this many groups a cell the pipeline never turns an event away. */
const roomyGroups = 1_000

/** A swap of this invocation that was stored. */
interface Stored {
  readonly state: StoredState
  /** Ids that were not there before. */
  readonly added: number
  readonly base: StoredState | undefined
}

/** Follows one invocation: what it sent and was told. At its end, its report has to say the same. */
export class Ledger implements Requester, Rejecter {
  readonly name: string
  readonly hear: (run: () => void) => void
  readonly #world: World
  readonly #invocation: Invocation
  readonly #records: readonly StreamRecord[]
  readonly #nowMs: () => number
  readonly #startedAtMs: number
  /** Requests by address. */
  readonly #requests = new Map<string, number>()
  #added = 0
  /** Ids in states whose swap was stored, and this invocation was told so. */
  readonly #told = new Set<string>()
  /** Panes and buckets of those states. */
  readonly #swapped = new Set<string>()
  /** Sequence numbers of rejects that are durable. */
  readonly #rejected = new Set<string>()
  readonly #states = new Map<Write, Stored>()
  /** Segments that this invocation has written. */
  readonly #sealed = new Set<string>()
  /** What the instance remembered of a cell when the attempt under way judged its base. */
  readonly #judged: Map<string, CellMemory | undefined>

  constructor(
    world: World,
    invocation: Invocation,
    records: readonly StreamRecord[],
    nowMs: () => number,
    hear: (run: () => void) => void,
  ) {
    this.name = invocation.name
    this.hear = hear
    this.#world = world
    this.#invocation = invocation
    this.#records = records
    this.#nowMs = nowMs
    this.#startedAtMs = world.nowMs
    this.#judged = new Map(invocation.instance.memories)
    const ids = records.flatMap(({ event }) => event?.id ?? [])
    if (new Set(ids).size < ids.length) world.saw('repeated within a batch')
  }

  sentRead(address: string): void {
    this.#countRequest(address)
  }

  heardRead(address: string, answer: StoredBytes | undefined | 'failed'): void {
    if (!placeOf(address).isHead || answer === 'failed') return
    const { memories } = this.#invocation.instance
    const state = answer === undefined ? undefined : stateOf(this.#world, address, answer.bytes)
    if (state === 'newer codec') this.#world.saw('newer codec met')
    this.#judged.set(address, memories.get(address))
    if (typeof state === 'object') rememberRead(memories, state)
  }

  sentWrite(write: Write): void {
    this.#countRequest(write.address)
    checkSentWrite(this.#world, write, this.#nowMs())
    noteSkewAtGate(this.#world, write, this.#nowMs())
  }

  applied(write: Write, item: Item | undefined, before: Item | undefined, isLate: boolean): void {
    const world = this.#world
    if (!placeOf(write.address).isHead) return
    if (item === undefined) {
      world.saw('swap refused')
      if (write.kind === 'create') world.saw('two create one cell')
      const refused = stateOf(world, write.address, write.bytes)
      const sealed = typeof refused === 'object' ? refused.segments : []
      if (sealed.some(({ address }) => this.#sealed.has(address))) world.saw('segment written, head refused')
      return
    }
    if (isLate) world.saw('late apply stored')
    const state = checkStoredHead(world, write, item, before)
    if (state === undefined) return
    noteStoredHead(world, state, write, before)
    this.#states.set(write, {
      state,
      added: addedIds(world, state, before),
      base: baseOf(world, write, before),
    })
    this.#checkSegments(state)
  }

  heardWrite(write: Write, isStored: boolean): void {
    const { memories } = this.#invocation.instance
    if (!placeOf(write.address).isHead) {
      if (isStored) {
        this.#sealed.add(write.address)
        this.#world.acknowledgedSegments.add(write.address)
      }
      return
    }
    const stored = this.#states.get(write)
    if (!isStored || stored === undefined) return
    const { state, added, base } = stored
    for (const id of state.ids) this.#told.add(id)
    const { paneStartMs, bucket } = placeOf(write.address)
    this.#swapped.add(`${paneStartMs}/${bucket}`)
    this.#added += added
    if (showsLoss(this.#judged.get(write.address), state, base)) {
      this.#world.saw('loss seen by a warm instance')
      this.#world.check(state.lossy, 'a loss that an instance can see is reported', () =>
        shortName(write.address),
      )
    }
    rememberSwap(memories, state)
  }

  sentRejects(records: readonly RejectedRecord[]): void {
    for (const { raw, reason } of records) this.#checkReason(String(raw), reason)
  }

  heardRejects(records: readonly RejectedRecord[]): void {
    for (const { raw } of records) this.#rejected.add(String(raw))
  }

  /** The report says what happened, and what it says is done is done. */
  checkReport(report: BatchReport): void {
    const { counted, duplicates, rejected, unfinished, firstUnfinished, storeRequests } = report
    const size = this.#records.length
    const says = (): string => `${this.name}: ${JSON.stringify(report)}`
    const check = (holds: boolean, invariant: string): void => this.#world.check(holds, invariant, says)
    check(
      report.records === size && counted + duplicates + rejected + unfinished === size,
      'every record has exactly one fate',
    )
    check((unfinished === 0) === (firstUnfinished === undefined), 'unfinished records are named')
    check(counted === this.#added, 'counted are the events that the stored swaps added')
    check(rejected === this.#rejected.size, 'rejected are the records in the bucket')
    const requests = [...this.#requests.values()].reduce((total, count) => total + count, 0)
    check(storeRequests === requests, 'the report counts every request')
    for (const [address, count] of this.#requests) {
      const most = placeOf(address).isHead ? requestsPerHead : requestsPerSegment
      check(count <= attemptsPerPart * most, 'requests stay under their bound')
    }

    const first = firstUnfinished === undefined ? undefined : this.#records[firstUnfinished]
    check(first === undefined || !this.#isDone(first), 'the first unfinished record is unfinished')
    for (const record of this.#records.slice(0, firstUnfinished)) {
      check(this.#isDone(record), 'what is acknowledged is stored, or rejected and written')
      this.#world.deliveries.push({
        record,
        startedAtMs: this.#startedAtMs,
        endedAtMs: this.#world.nowMs,
        isRejected: this.#rejected.has(record.place.sequenceNumber),
      })
    }
    if (duplicates > 0 && report.storeFailures.includes('timeout')) {
      this.#world.saw('own write found after its answer was lost')
    }
  }

  /** What is to be rejected is not done because a twin of it was counted. */
  #isDone({ event, place, planned, arrivalMs }: StreamRecord): boolean {
    if (this.#rejected.has(place.sequenceNumber)) return true
    const isInTime = timeVerdict(this.#world.plan.world, planned, arrivalMs) === 'in time'
    return event !== undefined && isInTime && this.#told.has(event.id)
  }

  #countRequest(address: string): void {
    this.#requests.set(address, (this.#requests.get(address) ?? 0) + 1)
    const spareMs = this.#invocation.deadlineMs - this.#world.nowMs - requestTimeoutMs - writeTimeoutMs
    this.#world.check(
      this.#invocation.wasStalled || this.#invocation.isOver || spareMs >= 0,
      'no request is made for which there is no time',
      () => `${this.name}, ${spareMs} ms`,
    )
  }

  /** A segment's write was acknowledged before a head names it. */
  #checkSegments(state: StoredState): void {
    for (const { address } of state.segments) {
      this.#world.check(
        this.#world.acknowledgedSegments.has(address),
        'a segment is acknowledged before its head is swapped',
        () => shortName(address),
      )
    }
  }

  /** A record is rejected for what it is, or because its cell is closed or full, and for nothing else. */
  #checkReason(sequenceNumber: string, reason: string): void {
    const world = this.#world
    const record = this.#records.find(({ place }) => place.sequenceNumber === sequenceNumber)
    const says = (): string => `${record?.planned.key ?? sequenceNumber} as ${reason}`
    if (record === undefined) {
      world.check(false, 'only records of the batch are rejected', says)
      return
    }
    const { event, form, planned, arrivalMs } = record
    const inherent = {
      event: timeVerdict(world.plan.world, planned, arrivalMs),
      garbage: 'not-json',
      'wrong-shape': 'wrong-shape',
      unreadable: 'unknown-source',
    }[form]
    if (event === undefined) world.saw('rejected as unreadable')
    else if (inherent !== 'in time') world.saw('rejected as late or from the future')
    else if (reason === 'expired') {
      world.saw('rejected as expired')
      const isClosed = this.#nowMs() > gateMs(world.plan.world, event.paneStartMs)
      world.check(isClosed, 'nothing expires before its gate', says)
      return
    } else if (reason === 'over-cap') {
      world.saw('rejected as over-cap')
      world.check(world.plan.world.maximumGroups < roomyGroups, 'nothing is over a cap that is far', says)
      world.check(
        this.#swapped.has(`${event.paneStartMs}/${event.bucket}`),
        'nothing is over a cap of a state that was not stored',
        says,
      )
      return
    }
    world.check(reason === inherent, 'a record is rejected for what it is', says)
  }
}
