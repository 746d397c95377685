import assert from 'node:assert/strict'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import type { ShardCheckpoint } from '../../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../../local/event-source-mapping/properties.ts'
import type { Invocation } from './world.ts'

interface PutRecord {
  readonly shardId: string
  readonly key: string
  readonly isFiltered: boolean
}

/** What a mapping must keep to, told only by what is put, called, answered and reported. */
export class MappingModel {
  readonly #records = new Map<string, PutRecord>()
  readonly #delivered = new Set<string>()
  readonly #done = new Set<string>()
  readonly #ofShard = new Map<string, string[]>()
  readonly #ofKey = new Map<string, string[]>()
  readonly #parents = new Map<string, readonly string[]>()
  /** By the mapping that made them: one that was made anew knows nothing of its predecessor's. */
  readonly #inFlight = new Map<number, Set<Invocation>>()

  addShard(id: string, parentIds: readonly string[]): void {
    this.#parents.set(id, parentIds)
  }

  /** What is filtered needs no delivery, and must have none. */
  put(shardId: string, key: string, sequenceNumber: string, isFiltered: boolean): void {
    this.#records.set(sequenceNumber, { shardId, key, isFiltered })
    if (isFiltered) this.#done.add(sequenceNumber)
    append(this.#ofShard, shardId, sequenceNumber)
    append(this.#ofKey, key, sequenceNumber)
  }

  /** A call begins: within the lanes that there are, with keys of its own, each in order, and nothing left out before. */
  begin(call: Invocation, mapping: number, { parallelizationFactor, batchSize }: MappingProperties): void {
    const besides = this.#inFlight.get(mapping) ?? new Set()
    const ofShard = [...besides].filter(({ shardId }) => shardId === call.shardId)
    assert(
      ofShard.length < parallelizationFactor,
      `over ${parallelizationFactor} batches of ${call.shardId} at once`,
    )
    assert(call.sequenceNumbers.length <= batchSize, `a batch of ${call.sequenceNumbers.length} records`)
    for (const key of new Set(call.keys)) {
      assert(![...besides].some(({ keys }) => keys.includes(key)), `${key} is in two batches at once`)
      const isLeft = (sequenceNumber: string): boolean => !this.#done.has(sequenceNumber)
      const carried = call.sequenceNumbers.filter((each, index) => call.keys[index] === key && isLeft(each))
      const next = (this.#ofKey.get(key) ?? []).filter(isLeft).slice(0, carried.length)
      assert.deepEqual(carried, next, `${key} is delivered out of order`)
    }
    for (const parentId of this.#parents.get(call.shardId) ?? []) {
      const left = (this.#ofShard.get(parentId) ?? []).filter((each) => !this.#done.has(each))
      assert.deepEqual(left, [], `${call.shardId} is read before its parent ${parentId} is done`)
    }
    for (const [index, sequenceNumber] of call.sequenceNumbers.entries()) {
      const { key, shardId, isFiltered } = this.#records.get(sequenceNumber) ?? {}
      assert(isFiltered !== true, `${sequenceNumber} is delivered in spite of the filter`)
      assert.deepEqual(
        [key, shardId],
        [call.keys[index], call.shardId],
        `${sequenceNumber} is not what was put`,
      )
      this.#delivered.add(sequenceNumber)
    }
    this.#inFlight.set(mapping, besides.add(call))
  }

  end(call: Invocation, mapping: number, done: readonly string[]): void {
    this.#inFlight.get(mapping)?.delete(call)
    for (const sequenceNumber of done) this.#done.add(sequenceNumber)
  }

  discard(
    batch: DiscardedBatch,
    { maximumRetryAttempts, maximumRecordAgeMs }: MappingProperties,
    nowMs: number,
  ): void {
    for (const { sequenceNumber, arrivalMs } of batch.records) {
      if (batch.reason === 'record-age-exceeded') assert(nowMs - arrivalMs >= maximumRecordAgeMs)
      else {
        assert.equal(batch.approximateInvokeCount, maximumRetryAttempts + 1)
        assert(this.#delivered.has(sequenceNumber), `${sequenceNumber} was given up without a delivery`)
      }
      this.#done.add(sequenceNumber)
    }
  }

  /** Nothing up to a checkpoint is unanswered. */
  checkCheckpoints(checkpoints: Readonly<Record<string, ShardCheckpoint>>): void {
    for (const [shardId, { place }] of Object.entries(checkpoints)) {
      const put = this.#ofShard.get(shardId) ?? []
      const isPassed = (sequenceNumber: string): boolean => {
        if (place === 'SHARD_END') return true
        return place.at === 'AFTER_SEQUENCE_NUMBER' && Number(sequenceNumber) <= Number(place.sequenceNumber)
      }
      const unanswered = put.filter((each) => isPassed(each) && !this.#done.has(each))
      assert.deepEqual(unanswered, [], `the checkpoint of ${shardId} passes what is not done`)
    }
  }

  checkAllDone(): void {
    const left = [...this.#records.keys()].filter((sequenceNumber) => !this.#done.has(sequenceNumber))
    assert.deepEqual(left, [], 'neither succeeded nor reported')
  }
}

function append(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
