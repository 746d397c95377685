import { describe, expect, it } from 'vitest'
import { type BufferedRecord, bufferRecord } from '../../../local/event-source-mapping/buffered-record.ts'
import { maximumPayloadBytes } from '../../../local/event-source-mapping/event-payload.ts'
import { accept, createShard, finish, readableRecords } from '../../../local/event-source-mapping/shard.ts'

const RULES = { batchSize: 100, maximumBatchingWindowMs: 0, maximumRetryAttempts: -1 }

function recordsFrom(first: number, count: number, json = '{}'): BufferedRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const sequenceNumber = String(first + index)
    return bufferRecord(
      { sequenceNumber, partitionKey: sequenceNumber, arrivalMs: 0, data: new Uint8Array() },
      json,
    )
  })
}

describe('the checkpoint of a shard', () => {
  it('stays before the lowest unfinished record and then jumps over what was done meanwhile', () => {
    const shard = createShard('shard', 2, undefined, 0)
    const records = recordsFrom(8, 4)
    accept(shard, records, RULES, 0)
    finish(shard, records.slice(1, 3))
    expect(shard.checkpoint).toBeUndefined()
    finish(shard, records.slice(0, 1))
    expect(shard.checkpoint).toBe('10')
    finish(shard, records.slice(3))
    expect(shard.checkpoint).toBe('11')
    expect(shard.pastCheckpoint).toEqual([])
    expect(shard.finished.size).toBe(0)
  })

  it('starts where the shard is begun', () => {
    expect(createShard('shard', 1, '41', 0)).toMatchObject({ checkpoint: '41', readTo: '41' })
  })
})

describe('reading ahead', () => {
  it('ends with 10,000 records behind the checkpoint, done or not', () => {
    const shard = createShard('shard', 2, undefined, 0)
    const records = recordsFrom(1, 10_000)
    expect(readableRecords(shard, RULES)).toBe(10_000)
    accept(shard, records.slice(0, 9_990), RULES, 0)
    expect(readableRecords(shard, RULES)).toBe(10)
    accept(shard, records.slice(9_990), RULES, 0)
    expect(readableRecords(shard, RULES)).toBe(0)
    finish(shard, records.slice(1))
    expect(readableRecords(shard, RULES)).toBe(0)
    finish(shard, records.slice(0, 1))
    expect(readableRecords(shard, RULES)).toBe(10_000)
  })

  it('leaves room for two batches in each lane', () => {
    const shard = createShard('shard', 2, undefined, 0)
    const large = { ...RULES, batchSize: 5_000 }
    accept(shard, recordsFrom(1, 19_990), large, 0)
    expect(readableRecords(shard, large)).toBe(10)
  })

  it('ends with the payloads of two batches in each lane', () => {
    const shard = createShard('shard', 1, undefined, 0)
    const [first, ...rest] = recordsFrom(1, 2, `"${'x'.repeat(maximumPayloadBytes)}"`)
    accept(shard, first === undefined ? [] : [first], RULES, 0)
    expect(readableRecords(shard, RULES)).toBe(9_999)
    accept(shard, rest, RULES, 0)
    expect(readableRecords(shard, RULES)).toBe(0)
    finish(shard, rest)
    expect(readableRecords(shard, RULES)).toBe(9_998)
  })
})
