import { afterEach } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import type { InvokeAnswer } from '../../../local/event-source-mapping/invoke.ts'
import { EventSourceMapping } from '../../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../../local/event-source-mapping/properties.ts'
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
  for (const { clock, mapping, invocations } of worlds.splice(0)) {
    const stopped = mapping.stop()
    for (const { answer } of invocations) answer(OK)
    await stopped
    if (clock.pendingTimers > 0) throw new Error('a stopped mapping left a timer behind')
  }
})

interface WorldOptions {
  readonly shardIds?: readonly string[]
  readonly random?: () => number
  readonly onDiscard?: (batch: DiscardedBatch) => void
}

/** Makes a world; properties default to a batch size of 10 and otherwise to those of AWS. */
export function createWorld(
  properties: Partial<MappingProperties> = {},
  script: Script = () => OK,
  { shardIds = [SHARD], random = createRandom(), onDiscard }: WorldOptions = {},
): World {
  const clock = new ManualClock()
  const source = new MemorySource(shardIds, clock)
  const invocations: Invocation[] = []
  const discarded: DiscardedBatch[] = []
  const errors: unknown[] = []
  const mapping = new EventSourceMapping({
    source,
    invoke: (payload, { requestId }) =>
      new Promise((resolve, reject) => {
        const records = recordsOf(payload)
        const invocation: Invocation = {
          requestId,
          payload,
          shardId: records[0]?.eventID.split(':')[0] ?? '',
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
    properties: {
      uuid: '0b1c2d3e-0000-4000-8000-000000000000',
      batchSize: 10,
      maximumBatchingWindowMs: 0,
      parallelizationFactor: 1,
      maximumRetryAttempts: -1,
      reportBatchItemFailures: true,
      startingPosition: 'TRIM_HORIZON',
      ...properties,
    },
    clock,
    random,
    executionRoleArn: 'arn:aws:iam::000000000000:role/flights',
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

/** The same numbers in every run, by a linear congruential generator. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

interface KinesisEvent {
  readonly Records: readonly {
    readonly eventID: string
    readonly kinesis: { readonly partitionKey: string; readonly sequenceNumber: string }
  }[]
}

function recordsOf(payload: string): KinesisEvent['Records'] {
  const event: KinesisEvent = JSON.parse(payload)
  return event.Records
}
