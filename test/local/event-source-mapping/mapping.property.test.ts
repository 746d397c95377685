import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { InvokeAnswer } from '../../../local/event-source-mapping/invoke.ts'
import type { MappingProperties, MappingUpdate } from '../../../local/event-source-mapping/properties.ts'
import { defaultProperties } from './default-properties.ts'
import { MappingModel } from './mapping-model.ts'
import { createWorld, type Invocation, OK, reporting, THROTTLED, THROWN, type World } from './world.ts'

const RUNS = 1_000
const KEYS = 12
const TURN_MS = 1_000
/** An hour of the story: no pause between two attempts is over a minute. */
const MAXIMUM_TURNS = 3_600

const update = fc.record(
  {
    batchSize: fc.integer({ min: 1, max: 6 }),
    maximumBatchingWindowMs: fc.constantFrom(0, 0, 300, 2_500),
    parallelizationFactor: fc.integer({ min: 1, max: 10 }),
    maximumRetryAttempts: fc.constantFrom(-1, 0, 1, 3),
    maximumRecordAgeMs: fc.constantFrom(-1, 60_000),
    bisectBatchOnFunctionError: fc.boolean(),
  },
  { noNullPrototype: true },
)
/** Lets through what is below 2 of the numbers that records are. */
const filter = '{"data":[{"numeric":["<",2]}]}'
const settings = fc.record({ filtered: fc.boolean(), update })
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      key: fc.nat(KEYS - 1),
      records: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pause' as const),
      ms: fc.constantFrom(0, 50, 700, 3_000, 61_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('split' as const), shard: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('merge' as const), shard: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), update }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('restart' as const, 'crash' as const, 'startOver' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('overlap' as const), update, isStopped: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('unreadable' as const), ms: fc.constantFrom(2_000, 61_000) }),
  },
)
const answers = fc.array(
  fc.record({
    fate: fc.constantFrom('ok', 'ok', 'error', 'throttle', 'unreachable', 'malformed', 'partial'),
    position: fc.nat(5),
    takesMs: fc.constantFrom(0, 0, 20, 400, 5_000),
  }),
  { maxLength: 60, size: 'max' },
)

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
type ScriptedAnswer = typeof answers extends fc.Arbitrary<readonly (infer Value)[]> ? Value : never

/** What came up in all runs, so that what the test says it covers was there. */
const seen: Record<string, number> = {}

it('any stream, any answers, any changes: keys in order, nothing skipped, nothing done unanswered, all ends', async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(step, { maxLength: 50, size: 'max' }),
      answers,
      async (first, steps, script) => {
        const filterPatterns = first.filtered ? [filter] : []
        const story = new Story({ ...defaultProperties, ...first.update, filterPatterns }, script)
        for (const each of steps) await story.take(each)
        await story.end()
      },
    ),
    { numRuns: RUNS },
  )
  const situations = [
    'put',
    'pause',
    'split',
    'merge',
    'update',
    'overlap',
    'restart',
    'crash',
    'startOver',
    'unreadable',
    'filtered',
  ]
  const fates = ['ok', 'error', 'throttle', 'unreachable', 'malformed', 'partial']
  const reports = ['retries-exhausted', 'record-age-exceeded']
  const rare = [...situations, ...fates, ...reports].filter((situation) => (seen[situation] ?? 0) <= 20)
  expect(rare).toEqual([])
}, 120_000)

/** One run: the stream and its shards, the mapping of the hour, and the model that watches. */
class Story {
  readonly #model = new MappingModel()
  readonly #script: ScriptedAnswer[]
  readonly #violations: unknown[] = []
  /** The open shards, and the keys of each. */
  readonly #keysOf = new Map<string, readonly string[]>()
  #properties: MappingProperties
  #mappings = 0
  #shards = 0
  #puts = 0
  #world: World

  constructor(properties: MappingProperties, script: readonly ScriptedAnswer[]) {
    this.#properties = properties
    this.#script = [...script]
    const keys = Array.from({ length: KEYS }, (_, key) => `key-${key}`)
    this.#world = this.#createWorld()
    this.#addShard(keys.slice(0, KEYS / 2), [])
    this.#addShard(keys.slice(KEYS / 2), [])
    this.#world.mapping.start()
  }

  async take(each: Step): Promise<void> {
    const { source, clock, mapping } = this.#world
    count(each.kind)
    switch (each.kind) {
      case 'put':
        for (let number = 0; number < each.records; number += 1) this.#put(`key-${each.key}`)
        break
      case 'pause':
        await clock.advance(each.ms)
        break
      case 'split':
        this.#split(each.shard)
        break
      case 'merge':
        this.#merge(each.shard)
        break
      case 'update':
        await this.#update(each.update)
        break
      case 'unreadable':
        source.failure = new Error('not authorized')
        await clock.advance(each.ms)
        source.failure = undefined
        break
      case 'startOver':
        await this.#settled(mapping.startOver())
        break
      case 'overlap':
        await this.#overlap(each.update, each.isStopped)
        break
      case 'restart':
        await this.#settled(mapping.stop())
        this.#replace()
        break
      case 'crash':
        // What is in flight goes on without anybody who hears its answer.
        this.#replace()
        await this.#settled(mapping.stop())
        break
    }
    this.#check()
  }

  /** Faults end; then everything has to. */
  async end(): Promise<void> {
    this.#script.length = 0
    await this.#settled(this.#world.mapping.drained())
    this.#check()
    this.#model.checkAllDone()
    await this.#world.mapping.stop()
  }

  async #update(changes: MappingUpdate): Promise<void> {
    const updated = this.#world.mapping.update(changes)
    // Calls in flight are those of the settings before; none begins until they have ended.
    this.#properties = { ...this.#properties, ...changes }
    await this.#settled(updated)
  }

  /** An update, and another one or a stop before it is made; in the end it runs. */
  async #overlap(changes: MappingUpdate, isStopped: boolean): Promise<void> {
    const { mapping } = this.#world
    const updated = mapping.update(changes)
    const also = isStopped ? mapping.stop() : mapping.update({ batchSize: 3 })
    mapping.start()
    this.#properties = { ...this.#properties, ...changes, ...(!isStopped && { batchSize: 3 }) }
    await this.#settled(Promise.all([updated, also]).then(() => undefined))
  }

  /** Lets time pass until it has come true; calls may take their time. */
  async #settled(change: Promise<void>): Promise<void> {
    const state = { isOver: false }
    const over = change.finally(() => {
      state.isOver = true
    })
    for (let turn = 0; turn < MAXIMUM_TURNS && !state.isOver; turn += 1) {
      await this.#world.clock.advance(TURN_MS)
      this.#check()
    }
    assert(state.isOver, 'it does not come to an end')
    await over
  }

  #replace(): void {
    this.#world = this.#createWorld(this.#world)
    this.#world.mapping.start()
  }

  #put(key: string): void {
    const { source } = this.#world
    const [shardId = ''] = [...this.#keysOf].find(([, keys]) => keys.includes(key)) ?? []
    const number = this.#puts++ % 4
    const sequenceNumber = source.put(shardId, key, { data: Buffer.from(String(number)) })
    const isFiltered = this.#properties.filterPatterns.length > 0 && number >= 2
    if (isFiltered) count('filtered')
    this.#model.put(shardId, key, sequenceNumber, isFiltered)
  }

  #split(number: number): void {
    const [id = '', keys = []] = [...this.#keysOf][number % this.#keysOf.size] ?? []
    if (keys.length < 2) return
    this.#addShard(keys.slice(0, keys.length / 2), [id])
    this.#addShard(keys.slice(keys.length / 2), [id])
  }

  #merge(number: number): void {
    const open = [...this.#keysOf]
    const [one, other] = [open[number % open.length], open[(number + 1) % open.length]]
    if (one === undefined || other === undefined || one === other) return
    this.#addShard([...one[1], ...other[1]], [one[0], other[0]])
  }

  #addShard(keys: readonly string[], parentIds: readonly string[]): void {
    const id = `shard-${this.#shards++}`
    this.#world.source.addShard(id, parentIds)
    this.#model.addShard(id, parentIds)
    for (const parentId of parentIds) this.#keysOf.delete(parentId)
    this.#keysOf.set(id, keys)
  }

  #check(): void {
    assert.deepEqual(this.#violations, [])
    this.#model.checkCheckpoints(this.#world.mapping.checkpoints())
  }

  #createWorld(before?: World): World {
    const mapping = this.#mappings++
    const world: World = createWorld(this.#properties, (call) => this.#answer(call, mapping, world), {
      shardIds: [],
      onDiscard: (batch) => {
        count(batch.reason)
        this.#observe(() => this.#model.discard(batch, this.#properties, world.clock.nowMs()))
      },
      ...(before !== undefined && { on: before, checkpoints: before.mapping.checkpoints() }),
    })
    return world
  }

  #answer(call: Invocation, mapping: number, world: World): InvokeAnswer | Error | undefined {
    this.#observe(() => this.#model.begin(call, mapping, this.#properties))
    const { fate, position, takesMs } = this.#script.shift() ?? { fate: 'ok', position: 0, takesMs: 0 }
    count(fate)
    const { answer, done } = decide(call, fate, position)
    const settle = (): void => this.#model.end(call, mapping, done)
    if (takesMs === 0 || answer instanceof Error) {
      settle()
      return answer
    }
    world.clock.after(takesMs, () => {
      settle()
      call.answer(answer)
    })
    return undefined
  }

  #observe(look: () => void): void {
    try {
      look()
    } catch (violation) {
      this.#violations.push(violation)
    }
  }
}

/** An answer, and the records that it finishes. */
function decide(
  { sequenceNumbers }: Invocation,
  fate: ScriptedAnswer['fate'],
  position: number,
): { readonly answer: InvokeAnswer | Error; readonly done: readonly string[] } {
  const firstFailed = position % sequenceNumbers.length
  const ascending = sequenceNumbers.slice(firstFailed)
  const failed = position % 2 === 0 ? ascending : ascending.toReversed()
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

function count(situation: string): void {
  seen[situation] = (seen[situation] ?? 0) + 1
}
