import { describe, expect, it } from 'vitest'
import { maximumPayloadBytes } from '../../../local/event-source-mapping/event-payload.ts'
import {
  createShard,
  dealAnew,
  isShardDone,
  nextSteps,
  settleFailedRead,
  settleInvocation,
  settleRead,
  type Shard,
  type ShardRules,
  type ShardStep,
} from '../../../local/event-source-mapping/shard.ts'
import type { StreamRecord } from '../../../local/event-source-mapping/stream-source.ts'
import { recordsFrom, shardRules } from './records.ts'

/** What a shard begins now. */
function begun(shard: Shard, rules: ShardRules, nowMs = 0): readonly ShardStep[] {
  return nextSteps(shard, rules, nowMs, Math.random).begin
}

/** How many records the next read may find; undefined where none begins. */
function readLimit(shard: Shard, rules: ShardRules, nowMs = 0): number | undefined {
  const read = begun(shard, rules, nowMs).find((step) => step.kind === 'read')
  return read?.kind === 'read' ? read.limit : undefined
}

/** Takes in records, as a read that is under way finds them. */
function found(shard: Shard, records: readonly StreamRecord[], rules: ShardRules): void {
  settleRead(shard, { records, isAtEnd: false }, rules, 0)
}

/** Begins what there is to invoke, and lets those succeed that carry one of these records. */
function succeed(shard: Shard, rules: ShardRules, ...sequenceNumbers: readonly string[]): void {
  for (const step of begun(shard, rules)) {
    if (step.kind !== 'invoke') continue
    const isMeant = step.batch.records.some(({ record }) => sequenceNumbers.includes(record.sequenceNumber))
    settleInvocation(
      shard,
      step.lane,
      { kind: isMeant ? 'succeeded' : 'refused', reason: 'throttled' },
      rules,
      0,
      () => 0,
    )
    for (const { pending } of shard.lanes) for (const batch of pending) batch.notBeforeMs = 0
  }
}

describe('the checkpoint of a shard', () => {
  it('stays before the lowest unfinished record and then jumps over what was done meanwhile', () => {
    const rules = shardRules(10, { batchSize: 1 })
    const shard = createShard('shard', rules, 0)
    begun(shard, rules)
    found(shard, recordsFrom(8, 3), rules)
    succeed(shard, rules, '9', '10')
    expect(shard.checkpoint).toBeUndefined()
    succeed(shard, rules, '8')
    expect(shard.checkpoint).toBe('10')
    expect(shard.pastCheckpoint).toEqual([])
    expect(shard.unfinishedBytes).toBe(0)
  })

  it('passes what the function is not to see', () => {
    const rules = shardRules(1, { admits: ({ sequenceNumber }) => sequenceNumber === '9' })
    const shard = createShard('shard', rules, 0)
    begun(shard, rules)
    found(shard, recordsFrom(8, 3), rules)
    expect(shard.checkpoint).toBe('8')
    succeed(shard, rules, '9')
    expect(shard.checkpoint).toBe('10')
  })
})

describe('reading', () => {
  it('is one read at a time, at once while there are records, and otherwise after a pause', () => {
    const rules = shardRules(1)
    const shard = createShard('shard', rules, 0)
    expect(readLimit(shard, rules)).toBe(10_000)
    expect(readLimit(shard, rules)).toBeUndefined()
    found(shard, recordsFrom(1, 1), rules)
    expect(readLimit(shard, rules)).toBe(9_999)
    found(shard, [], rules)
    expect(nextSteps(shard, rules, 0, Math.random).wakeAtMs).toBe(1_000)
    expect(readLimit(shard, rules, 999)).toBeUndefined()
    expect(readLimit(shard, rules, 1_000)).toBe(9_999)
    settleFailedRead(shard, 200, 1_000)
    expect(readLimit(shard, rules, 1_199)).toBeUndefined()
    expect(readLimit(shard, rules, 1_200)).toBe(9_999)
  })

  it('goes on while there is room for half of 10,000 records behind the checkpoint, done or not', () => {
    const rules = shardRules(2, { batchSize: 100 })
    const shard = createShard('shard', rules, 0)
    expect(readLimit(shard, rules)).toBe(10_000)
    found(shard, recordsFrom(1, 5_000), rules)
    expect(readLimit(shard, rules)).toBe(5_000)
    found(shard, recordsFrom(5_001, 1), rules)
    expect(readLimit(shard, rules)).toBeUndefined()
  })

  it('leaves room for two batches in each lane', () => {
    const rules = shardRules(2, { batchSize: 5_000 })
    const shard = createShard('shard', rules, 0)
    begun(shard, rules)
    found(shard, recordsFrom(1, 10_000), rules)
    expect(readLimit(shard, rules)).toBe(10_000)
    found(shard, recordsFrom(10_001, 1), rules)
    expect(readLimit(shard, rules)).toBeUndefined()
  })

  it('ends with the payloads of two batches in each lane', () => {
    const rules = shardRules(1)
    const shard = createShard('shard', rules, 0)
    const json = `"${'x'.repeat(maximumPayloadBytes)}"`
    expect(readLimit(shard, rules)).toBe(10_000)
    found(shard, recordsFrom(1, 1, json), rules)
    expect(readLimit(shard, rules)).toBe(9_999)
    found(shard, recordsFrom(2, 1, json), rules)
    expect(readLimit(shard, rules)).toBeUndefined()
  })
})

describe('a shard that is closed', () => {
  it('is done when its last record is', () => {
    const rules = shardRules(1)
    const shard = createShard('shard', rules, 0)
    begun(shard, rules)
    settleRead(shard, { records: recordsFrom(1, 1), isAtEnd: true }, rules, 0)
    expect(isShardDone(shard)).toBe(false)
    succeed(shard, rules, '1')
    expect(isShardDone(shard)).toBe(true)
    expect(begun(shard, rules, 1_000_000)).toEqual([])
  })
})

describe('dealing anew', () => {
  it('gives what is not done to as many lanes as there are now, in its order', () => {
    const before = shardRules(3, { batchSize: 2 })
    const shard = createShard('shard', before, 0)
    begun(shard, before)
    found(shard, recordsFrom(1, 20), before)
    succeed(shard, before, '3')
    const isLeft = shard.pastCheckpoint
      .filter(({ isDone }) => !isDone)
      .map(({ record }) => record.sequenceNumber)
    const after = shardRules(1, { batchSize: 100 })
    dealAnew(shard, after, 0)
    const [step] = begun(shard, after)
    expect(step?.kind === 'invoke' && step.batch.records.map(({ record }) => record.sequenceNumber)).toEqual(
      isLeft,
    )
    expect(isLeft.length).toBeLessThan(20)
  })

  it('is refused while a batch is in flight', () => {
    const rules = shardRules(1)
    const shard = createShard('shard', rules, 0)
    begun(shard, rules)
    found(shard, recordsFrom(1, 1), rules)
    begun(shard, rules)
    expect(() => dealAnew(shard, rules, 0)).toThrow('at work')
  })
})
