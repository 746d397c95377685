import { expect, test } from 'vitest'
import { StoreError } from '../../consumers/engine/errors.ts'
import type { CellStore, Ports } from '../../consumers/engine/ports.ts'
import { processBatch } from '../../consumers/engine/process-batch.ts'
import { read } from '../../consumers/engine/read.ts'
import { WarmCells } from '../../consumers/engine/warm-cells.ts'
import { kinesisRecords } from '../../consumers/sources/kinesis.ts'
import type { Invoke } from '../../local/event-source-mapping/invoke.ts'
import { EventSourceMapping } from '../../local/event-source-mapping/mapping.ts'
import { departure, departures } from '../consumers/engine/departures.ts'
import { SeededRandom } from '../consumers/engine/seeded-random.ts'
import { MemoryCellStore } from '../contract/memory-cell-store.ts'
import { ManualClock } from '../local/event-source-mapping/manual-clock.ts'
import { MemorySource } from '../local/event-source-mapping/memory-source.ts'
import { defaultProperties } from '../local/event-source-mapping/default-properties.ts'

const outageSeconds = 60
const functionTimeoutMs = 30_000
const shards = ['shardId-000000000000', 'shardId-000000000001']
/** A cell of the pipeline takes 8 groups, and each of these makes two. */
const origins = ['JFK', 'LAX', 'SFO', 'ORD']
/** The pause before the second attempt at a batch is 200 ms less its jitter, and doubles up to 30 s. */
const leastFirstPauseMs = 180
const longestPauseMs = 30_000 * 1.35

interface Attempt {
  readonly requestId: string
  readonly startedMs: number
  endedMs: number
}

/** Something to call that is gone for a while; the first write of an outage is applied, and cut off from its answer. */
class Connection {
  isDown = false
  hasCutOff = false
  readonly #clock: ManualClock
  readonly #failsAfterMs: number

  constructor(clock: ManualClock, failsAfterMs: number) {
    this.#clock = clock
    this.#failsAfterMs = failsAfterMs
  }

  async call<T>(kind: 'read' | 'write', apply: () => Promise<T>): Promise<T> {
    if (!this.isDown) return apply()
    if (kind === 'write' && !this.hasCutOff) {
      this.hasCutOff = true
      await apply()
    }
    await sleep(this.#clock, this.#failsAfterMs)
    throw new StoreError('gone', { code: 'SERVER_UNAVAILABLE' })
  }
}

function sleep(clock: ManualClock, durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(durationMs, resolve)
  })
}

function createMapping(clock: ManualClock, source: MemorySource, invoke: Invoke) {
  const attempts: Attempt[] = []
  const discarded: unknown[] = []
  const random = new SeededRandom(1)
  const mapping = new EventSourceMapping({
    source,
    invoke: async (payload, options) => {
      const attempt = { requestId: options.requestId, startedMs: clock.nowMs(), endedMs: Number.NaN }
      attempts.push(attempt)
      const answer = await invoke(payload, options)
      attempt.endedMs = clock.nowMs()
      return answer
    },
    properties: {
      ...defaultProperties,
      batchSize: 100,
      maximumBatchingWindowMs: 1_000,
      parallelizationFactor: 2,
    },
    clock,
    random: () => random.fraction(),
    onDiscard: (batch) => void discarded.push(batch),
  })
  mapping.start()
  return { mapping, attempts, discarded }
}

/** The engine behind a mapping, as the handler runs it. */
function engineOn(clock: ManualClock, connection: Connection, memory: MemoryCellStore): Invoke {
  const store: CellStore = {
    requestTimeoutMs: memory.requestTimeoutMs,
    read: (address) => connection.call('read', () => memory.read(address)),
    createIfAbsent: (...item) => connection.call('write', () => memory.createIfAbsent(...item)),
    replaceIfEqual: (...item) => connection.call('write', () => memory.replaceIfEqual(...item)),
  }
  const warm = new WarmCells()
  const random = new SeededRandom(2)
  return async (payload) => {
    const records = kinesisRecords(JSON.parse(payload))
    const deadlineMs = clock.nowMs() + functionTimeoutMs
    const ports: Ports = {
      store,
      clock: { nowMs: () => clock.nowMs(), sleep: (durationMs) => sleep(clock, durationMs) },
      random,
      deadline: { remainingMs: () => deadlineMs - clock.nowMs() },
      failedRecords: { writeTimeoutMs: 2_000, write: () => Promise.reject(new Error('nothing is rejected')) },
    }
    const { firstUnfinished } = await processBatch(departures, records, ports, warm)
    const position = firstUnfinished === undefined ? undefined : records[firstUnfinished]?.position
    const batchItemFailures = position === undefined ? [] : [{ itemIdentifier: position.sequenceNumber }]
    return { outcome: 'answered', payload: JSON.stringify({ batchItemFailures }) }
  }
}

test.each([
  ['refuses every call at once', 0],
  ['lets every call time out', 1_000],
])(
  'a minute in which the store %s loses nothing and counts nothing twice; an increment counts too often',
  async (_, failsAfterMs) => {
    const clock = new ManualClock()
    const beganMs = clock.nowMs()
    const source = new MemorySource(shards, clock)
    const memory = new MemoryCellStore(() => clock.nowMs())
    const connections = [new Connection(clock, failsAfterMs), new Connection(clock, failsAfterMs)] as const
    const engine = createMapping(clock, source, engineOn(clock, connections[0], memory))
    let blindlyCounted = 0
    const control = createMapping(clock, source, async (payload) => {
      const records = kinesisRecords(JSON.parse(payload))
      const increment = async (): Promise<void> => void (blindlyCounted += records.length)
      return connections[1].call('write', increment).then(
        () => ({ outcome: 'answered', payload: '' }) as const,
        () => ({ outcome: 'function-error', errorType: 'Error', errorMessage: 'not incremented' }) as const,
      )
    })

    let sent = 0
    const sendForSeconds = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        for (const [index, origin] of origins.entries()) {
          const event = departure({ id: `d-${sent++}`, at: clock.nowMs(), origin })
          const shard = shards[index % shards.length] ?? ''
          source.put(shard, origin, { data: Buffer.from(JSON.stringify(event)) })
        }
        await clock.advance(1_000)
      }
    }
    await sendForSeconds(10)
    const outageStartedMs = clock.nowMs()
    for (const connection of connections) connection.isDown = true
    await sendForSeconds(outageSeconds)
    const outageEndedMs = clock.nowMs()
    for (const connection of connections) connection.isDown = false
    await sendForSeconds(10)
    // Whoever began its pause just before the end is back by then, and has worked off what waited.
    await clock.advance(2 * longestPauseMs)

    for (const { mapping, discarded } of [engine, control]) {
      expect(mapping.isIdle()).toBe(true)
      expect(discarded).toEqual([])
    }
    const { rows } = await read(departures, memory, clock, {
      grouping: 'origin',
      from: beganMs,
      to: clock.nowMs(),
    })
    expect(rows.reduce((sum, { values }) => sum + values.departures, 0)).toBe(sent)
    expect(rows.every(({ complete, lossy }) => complete && !lossy)).toBe(true)
    expect(connections.map(({ hasCutOff }) => hasCutOff)).toEqual([true, true])
    expect(blindlyCounted).toBeGreaterThan(sent)

    const failed = engine.attempts.filter(
      ({ startedMs }) => startedMs >= outageStartedMs && startedMs < outageEndedMs,
    )
    let retries = 0
    for (const batch of new Set(failed.map(({ requestId }) => requestId))) {
      const tries = failed.filter(({ requestId }) => requestId === batch)
      for (const [index, { endedMs }] of tries.entries()) {
        const next = tries[index + 1]
        if (next === undefined) continue
        retries++
        expect(next.startedMs - endedMs).toBeGreaterThanOrEqual(leastFirstPauseMs * 2 ** index)
      }
    }
    expect(retries).toBeGreaterThan(0)
    for (const { mapping } of [engine, control]) await mapping.stop()
    expect(clock.pendingTimers).toBe(0)
  },
)
