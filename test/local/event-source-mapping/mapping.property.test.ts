import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { it } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import type { InvokeAnswer } from '../../../local/event-source-mapping/invoke.ts'
import {
  createWorld,
  type Invocation,
  OK,
  OTHER_SHARD,
  reporting,
  SHARD,
  THROTTLED,
  THROWN,
  type World,
} from './world.ts'

const SHARDS = [SHARD, OTHER_SHARD]
const RUNS = 300
const DRAIN_STEP_MS = 10_000
const MAXIMUM_DRAIN_STEPS = 360

const properties = fc.record({
  batchSize: fc.integer({ min: 1, max: 6 }),
  maximumBatchingWindowMs: fc.constantFrom(0, 0, 300, 2_500),
  parallelizationFactor: fc.integer({ min: 1, max: 10 }),
  maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
})
const puts = fc.array(
  fc.record({
    shard: fc.nat(SHARDS.length - 1),
    key: fc.nat(12),
    records: fc.integer({ min: 1, max: 5 }),
    pauseMs: fc.constantFrom(0, 0, 50, 700, 3_000),
  }),
  { maxLength: 30 },
)
const answers = fc.array(
  fc.record({
    fate: fc.constantFrom('ok', 'ok', 'error', 'throttle', 'unreachable', 'malformed', 'partial'),
    position: fc.nat(5),
    takesMs: fc.constantFrom(0, 0, 20, 400, 5_000),
  }),
  { maxLength: 60 },
)

type PropertiesUnderTest = typeof properties extends fc.Arbitrary<infer Value> ? Value : never
type ScriptedAnswer = typeof answers extends fc.Arbitrary<readonly (infer Value)[]> ? Value : never

/** What a mapping must keep to, told only by what is put, called and answered. */
class Model {
  readonly #delivered = new Set<string>()
  readonly #done = new Set<string>()
  readonly #ofShard = new Map<string, string[]>()
  readonly #ofKey = new Map<string, string[]>()
  readonly #inFlight = new Set<Invocation>()

  put(shardId: string, key: string, sequenceNumber: string): void {
    append(this.#ofShard, shardId, sequenceNumber)
    append(this.#ofKey, JSON.stringify([shardId, key]), sequenceNumber)
  }

  /** A call may only carry, of each key, what comes next; a key is in one call at a time. */
  begin(call: Invocation, factor: number): void {
    const besides = [...this.#inFlight].filter(({ shardId }) => shardId === call.shardId)
    assert(besides.length < factor, `more than ${factor} batches in flight for ${call.shardId}`)
    for (const key of new Set(call.keys)) {
      assert(!besides.some(({ keys }) => keys.includes(key)), `${key} is in two batches at once`)
      const carried = call.sequenceNumbers.filter((_, index) => call.keys[index] === key)
      const pending = this.#ofKey.get(JSON.stringify([call.shardId, key])) ?? []
      const next = pending
        .filter((sequenceNumber) => !this.#done.has(sequenceNumber))
        .slice(0, carried.length)
      assert.deepEqual(carried, next, `${key} is delivered out of order`)
    }
    for (const sequenceNumber of call.sequenceNumbers) this.#delivered.add(sequenceNumber)
    this.#inFlight.add(call)
  }

  end(call: Invocation, done: readonly string[]): void {
    this.#inFlight.delete(call)
    for (const sequenceNumber of done) this.#done.add(sequenceNumber)
  }

  discard(batch: DiscardedBatch, maximumRetryAttempts: number): void {
    assert.equal(batch.attempts, maximumRetryAttempts + 1)
    for (const { sequenceNumber } of batch.records) {
      assert(this.#delivered.has(sequenceNumber), `${sequenceNumber} was given up without a delivery`)
      this.#done.add(sequenceNumber)
    }
  }

  /** Nothing up to a checkpoint is unanswered. */
  checkCheckpoints(checkpoints: Record<string, string>): void {
    for (const [shardId, checkpoint] of Object.entries(checkpoints)) {
      const passed = (this.#ofShard.get(shardId) ?? []).filter(
        (number) => Number(number) <= Number(checkpoint),
      )
      assert(
        passed.every((sequenceNumber) => this.#done.has(sequenceNumber)),
        `${checkpoint} passes what is not done`,
      )
    }
  }

  checkAllDone(): void {
    for (const put of this.#ofShard.values())
      assert(put.every((sequenceNumber) => this.#done.has(sequenceNumber)))
  }
}

it('any stream and any answers: each key in order, nothing skipped, nothing done unanswered, all drains', async () => {
  await fc.assert(
    fc.asyncProperty(properties, puts, answers, async (settings, stream, script) => {
      const model = new Model()
      const violations: unknown[] = []
      const world = createScriptedWorld(settings, script, model, violations)
      const check = (): void => {
        assert.deepEqual(violations, [])
        model.checkCheckpoints(world.mapping.checkpoints())
      }

      world.mapping.start()
      for (const { shard, key, records, pauseMs } of stream) {
        const shardId = SHARDS[shard] ?? SHARD
        for (let number = 0; number < records; number += 1) {
          model.put(shardId, `key-${key}`, world.source.put(shardId, `key-${key}`))
        }
        await world.clock.advance(pauseMs)
        check()
      }
      for (let step = 0; step < MAXIMUM_DRAIN_STEPS && !world.mapping.isDrained(); step += 1) {
        await world.clock.advance(DRAIN_STEP_MS)
        check()
      }
      assert(world.mapping.isDrained(), 'the mapping does not drain')
      model.checkAllDone()
    }),
    { numRuns: RUNS },
  )
})

/** A world that answers by the script, and well once that is over; what breaks the model is a violation. */
function createScriptedWorld(
  settings: PropertiesUnderTest,
  script: readonly ScriptedAnswer[],
  model: Model,
  violations: unknown[],
): World {
  const remaining = [...script]
  const observe = (step: () => void): void => {
    try {
      step()
    } catch (violation) {
      violations.push(violation)
    }
  }
  const world = createWorld(
    settings,
    (call) => {
      observe(() => model.begin(call, settings.parallelizationFactor))
      const { fate, position, takesMs } = remaining.shift() ?? { fate: 'ok', position: 0, takesMs: 0 }
      const { answer, done } = decide(call, fate, position % call.sequenceNumbers.length)
      if (takesMs === 0 || answer instanceof Error) {
        model.end(call, done)
        return answer
      }
      world.clock.after(takesMs, () => {
        model.end(call, done)
        call.answer(answer)
      })
      return undefined
    },
    {
      shardIds: SHARDS,
      onDiscard: (batch) => observe(() => model.discard(batch, settings.maximumRetryAttempts)),
    },
  )
  return world
}

/** An answer, and the records that it finishes. */
function decide(
  { sequenceNumbers }: Invocation,
  fate: ScriptedAnswer['fate'],
  firstFailed: number,
): { readonly answer: InvokeAnswer | Error; readonly done: readonly string[] } {
  const failed = sequenceNumbers.slice(firstFailed).toReversed()
  switch (fate) {
    case 'ok':
      return { answer: OK, done: sequenceNumbers }
    case 'partial':
      return { answer: reporting(...failed), done: sequenceNumbers.slice(0, firstFailed) }
    case 'malformed':
      return { answer: reporting(...failed, 'nonsense'), done: [] }
    case 'error':
      return { answer: THROWN, done: [] }
    case 'throttle':
      return { answer: THROTTLED, done: [] }
    default:
      return { answer: new Error('unreachable'), done: [] }
  }
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  lists.set(key, [...(lists.get(key) ?? []), value])
}
