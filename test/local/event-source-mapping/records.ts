import { type BufferedRecord, bufferRecord } from '../../../local/event-source-mapping/buffered-record.ts'
import type { LaneRules } from '../../../local/event-source-mapping/lane.ts'
import type { ShardRules } from '../../../local/event-source-mapping/shard.ts'
import type { StreamRecord } from '../../../local/event-source-mapping/stream-source.ts'

/** A record of which only what matters is said. */
export function recordOf(parts: Partial<StreamRecord> = {}): StreamRecord {
  return {
    sequenceNumber: '1',
    orderingKey: 'JFK',
    arrivalMs: 0,
    json: '{}',
    filterView: () => undefined,
    ...parts,
  }
}

/** As many records as asked for, by their sequence numbers from `first` on, each with a key of its own. */
export function recordsFrom(first: number, count: number, json = '{}'): StreamRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const sequenceNumber = String(first + index)
    return recordOf({ sequenceNumber, orderingKey: sequenceNumber, json })
  })
}

/** A record whose serialised form has so many bytes. */
export function bufferedOf(bytes: number): BufferedRecord {
  return bufferRecord(recordOf({ json: `"${'x'.repeat(bytes - 2)}"` }))
}

/** Rules of one lane: a batch size of 10, and otherwise those of AWS. */
export function laneRules(rules: Partial<LaneRules> = {}): LaneRules {
  return {
    batchSize: 10,
    maximumBatchingWindowMs: 0,
    maximumRetryAttempts: -1,
    maximumRecordAgeMs: -1,
    bisectBatchOnFunctionError: false,
    tumblingWindowMs: 0,
    retentionMs: Infinity,
    ...rules,
  }
}

/** Rules of a shard with as many lanes, that admits all records. */
export function shardRules(parallelizationFactor: number, rules: Partial<ShardRules> = {}): ShardRules {
  return { ...laneRules(), parallelizationFactor, pollIntervalMs: 1_000, admits: () => true, ...rules }
}
