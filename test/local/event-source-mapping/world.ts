import { afterEach } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import type { InvokeAnswer } from '../../../local/event-source-mapping/invoke.ts'
import { EventSourceMapping, type MappingOptions } from '../../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../../local/event-source-mapping/properties.ts'
import { defaultProperties } from './default-properties.ts'
import { ManualClock } from './manual-clock.ts'
import { MemorySource } from './memory-source.ts'

export const SHARD = 'shardId-000000000000'
export const OTHER_SHARD = 'shardId-000000000001'

export const OK: InvokeAnswer = { outcome: 'answered', payload: 'null' }
export const THROTTLED: InvokeAnswer = { outcome: 'throttled' }
export const THROWN: InvokeAnswer = {
  outcome: 'function-error',
  errorType: 'Error',
  errorMessage: 'thrown by the function',
}

/** The answer of a function that reports these sequence numbers. */
export function reporting(...sequenceNumbers: readonly string[]): InvokeAnswer {
  const batchItemFailures = sequenceNumbers.map((itemIdentifier) => ({ itemIdentifier }))
  return { outcome: 'answered', payload: JSON.stringify({ batchItemFailures }) }
}

/** One call of the function. */
export interface Invocation {
  readonly requestId: string
  readonly payload: string
  readonly shardId: string
  readonly keys: readonly string[]
  /** The whole event. */
  readonly event: KinesisEvent
  readonly sequenceNumbers: readonly string[]
  readonly atMs: number
  /** Answers it; only of use where the script left it open. */
  readonly answer: (answer: InvokeAnswer) => void
}

/** How the function answers a call; undefined leaves the call open. */
export type Script = (invocation: Invocation) => InvokeAnswer | Error | undefined

/** A mapping on a stream in memory, with a function that follows a script; everything else stands still. */
export interface World {
  readonly clock: ManualClock
  readonly source: MemorySource
  readonly mapping: EventSourceMapping
  readonly invocations: Invocation[]
  readonly discarded: DiscardedBatch[]
  readonly errors: unknown[]
  /** What the invocations carried, as sequence numbers. */
  batches(): (readonly string[])[]
  put(count: number, partitionKey?: string): string[]
}

const worlds: World[] = []

afterEach(async () => {
  const ended = worlds.splice(0)
  for (const { mapping, invocations } of ended) {
    const stopped = mapping.stop()
    for (const { answer } of invocations) answer(OK)
    await stopped
  }
  if (ended.some(({ clock }) => clock.pendingTimers > 0))
    throw new Error('a stopped mapping left a timer behind')
})

interface WorldOptions extends Partial<
  Pick<MappingOptions, 'random' | 'reportFailure' | 'checkpoints' | 'observer'>
> {
  /** Default: one. */
  readonly shardIds?: readonly string[]
  readonly kind?: 'kinesis' | 'dynamodb'
  /** Default: those of a world of its own, which is what a mapping made anew does not have. */
  readonly on?: Pick<World, 'clock' | 'source'>
  readonly onDiscard?: (batch: DiscardedBatch) => void
}

/** Makes a world with the default settings but for `properties`. */
export function createWorld(
  properties: Partial<MappingProperties> = {},
  script: Script = () => OK,
  options: WorldOptions = {},
): World {
  const { shardIds = [SHARD], random = createRandom(), kind, on, onDiscard, ...others } = options
  const clock = on?.clock ?? new ManualClock()
  const source = on?.source ?? new MemorySource(shardIds, clock, kind === undefined ? {} : { kind })
  const invocations: Invocation[] = []
  const discarded: DiscardedBatch[] = []
  const errors: unknown[] = []
  const mapping = new EventSourceMapping({
    source,
    invoke: (payload, { requestId }) =>
      new Promise((resolve, reject) => {
        const event: KinesisEvent = JSON.parse(payload)
        const records = event.Records
        const invocation: Invocation = {
          requestId,
          payload,
          event,
          shardId: records[0]?.eventID.split(':')[0] ?? event.shardId ?? '',
          keys: records.map(({ kinesis }) => kinesis.partitionKey),
          sequenceNumbers: records.map(({ kinesis }) => kinesis.sequenceNumber),
          atMs: clock.nowMs(),
          answer: resolve,
        }
        invocations.push(invocation)
        const answer = script(invocation)
        if (answer instanceof Error) reject(answer)
        else if (answer !== undefined) resolve(answer)
      }),
    properties: { ...defaultProperties, ...properties },
    clock,
    random,
    ...others,
    onDiscard: (batch) => {
      discarded.push(batch)
      onDiscard?.(batch)
    },
    onError: (error) => errors.push(error),
  })
  const world: World = {
    clock,
    source,
    mapping,
    invocations,
    discarded,
    errors,
    batches: () => invocations.map(({ sequenceNumbers }) => sequenceNumbers),
    put: (count, partitionKey = 'JFK') =>
      Array.from({ length: count }, () => source.put(SHARD, partitionKey)),
  }
  worlds.push(world)
  return world
}

/** How many records each invocation carried. */
export function sizes(world: World): number[] {
  return world.batches().map(({ length }) => length)
}

/** The records of a batch that was given up. */
export function numbersOf({ records }: DiscardedBatch): string[] {
  return records.map(({ sequenceNumber }) => sequenceNumber)
}

/** The same numbers in every run, by a linear congruential generator. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** An event, as its function sees it. */
export interface KinesisEvent {
  readonly Records: readonly {
    readonly eventID: string
    readonly kinesis: { readonly partitionKey: string; readonly sequenceNumber: string }
  }[]
  readonly shardId?: string
  readonly window?: { readonly start: string; readonly end: string }
  readonly state?: unknown
  readonly isFinalInvokeForWindow?: boolean
  readonly isWindowTerminatedEarly?: boolean
}
