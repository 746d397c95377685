import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Shard } from '../../../../local/services/kinesis/shard.ts'

const CREATED_MS = 1_700_000_000_000
const RANGE = { startingHashKey: '0', endingHashKey: '1' }
const NO_DATA = new Uint8Array()

function newShard(index: number, createdMs = CREATED_MS): Shard {
  return new Shard({ index, hashKeyRange: RANGE, createdMs })
}

function shardWith(arrivals: readonly number[], index = 0): Shard {
  const shard = newShard(index)
  for (const arrivalMs of arrivals) shard.append('key', NO_DATA, arrivalMs)
  return shard
}

/** The numbers of up to `limit` records from a position on, as a reader takes them. */
function numbersFrom(shard: Shard, position: number, limit: number): string[] {
  const count = Math.min(limit, shard.tip - position)
  return Array.from({ length: count }, (_, index) => shard.recordAt(position + index).sequenceNumber)
}

test('an empty shard has nothing to read, from its start or from its beginning', () => {
  const shard = shardWith([])
  expect(shard.tip).toBe(shard.trimHorizon)
  expect(shard.positionAfter(shard.startingSequenceNumber)).toBe(shard.tip)
  expect(shardWith([1]).tip).toBe(1)
})

test('reading on from the last record read delivers every record once and in order, whatever the page size', () => {
  fc.assert(
    fc.property(fc.nat({ max: 60 }), fc.integer({ min: 1, max: 70 }), (recordCount, limit) => {
      const shard = shardWith(Array.from({ length: recordCount }, () => 1))
      const read: string[] = []
      let page = numbersFrom(shard, shard.trimHorizon, limit)
      while (page.length > 0) {
        read.push(...page)
        page = numbersFrom(shard, shard.positionAfter(read.at(-1) ?? ''), limit)
      }
      expect(read).toEqual(shard.records.map(({ sequenceNumber }) => sequenceNumber))
      expect(read).toHaveLength(recordCount)
      expect(read).toEqual([...new Set(read)].sort())
    }),
  )
})

test('the position of a record is the record, the position after it the next one', () => {
  const shard = shardWith([1, 1, 1])
  const numbers = shard.records.map(({ sequenceNumber }) => sequenceNumber)
  expect(numbers.map((number) => shard.positionOf(number))).toEqual([0, 1, 2])
  expect(numbers.map((number) => shard.positionAfter(number))).toEqual([1, 2, 3])
  expect(shard.positionOf(shard.startingSequenceNumber)).toBe(0)
})

test('a time finds the first record that arrived then or later', () => {
  const shard = shardWith([10, 20, 20, 30])
  expect([9, 10, 11, 20, 21, 30, 31].map((timeMs) => shard.positionAtTime(timeMs))).toEqual([
    0, 0, 1, 1, 3, 3, 4,
  ])
})

test('arrival times never go back, though the clock does', () => {
  expect(shardWith([10, 5, 12]).records.map(({ arrivalMs }) => arrivalMs)).toEqual([10, 10, 12])
})

test('a sequence number of another shard, of another stream or of no shape is refused, one of its own is not', () => {
  const shard = shardWith([1])
  const foreign = newShard(1).startingSequenceNumber
  expect(() => shard.positionAfter(foreign)).toThrow('It encodes shardId-000000000001')
  const older = newShard(0, CREATED_MS - 1).startingSequenceNumber
  expect(() => shard.positionAfter(older)).toThrow('not of this stream')
  expect(() => shard.positionOf('12')).toThrow('not of this stream')
  expect(shard.positionAfter(shard.startingSequenceNumber)).toBe(0)
})

test('trimmed records are gone, and places among them are at the oldest record', () => {
  const shard = shardWith([10, 20, 20, 30])
  const numbers = shard.records.map(({ sequenceNumber }) => sequenceNumber)
  shard.trim(20)
  expect([shard.trimHorizon, shard.tip]).toEqual([1, 4])
  expect(shard.records.map(({ arrivalMs }) => arrivalMs)).toEqual([20, 20, 30])
  expect(numbers.map((number) => shard.positionOf(number))).toEqual([1, 1, 2, 3])
  expect(numbers.map((number) => shard.positionAfter(number))).toEqual([1, 2, 3, 4])
  expect(shard.positionAtTime(0)).toBe(1)
  expect(numbersFrom(shard, shard.trimHorizon, 1)).toEqual(numbers.slice(1, 2))
  shard.trim(31)
  expect(shard.records).toEqual([])
  expect(shard.trimHorizon).toBe(shard.tip)
  expect((numbers[3] ?? '') < shard.append('key', NO_DATA, 40).sequenceNumber).toBe(true)
})

test('a closed shard ends with a number after all of its records, at which nothing more is read', () => {
  const shard = shardWith([10])
  expect(shard.end).toBeUndefined()
  const [last] = numbersFrom(shard, 0, 1)
  shard.close(5)
  expect(shard.end?.closedMs).toBe(CREATED_MS)
  expect(shard.end && shard.end.sequenceNumber > (last ?? '')).toBe(true)
  expect(shard.positionAfter(shard.end?.sequenceNumber ?? '')).toBe(shard.tip)
  expect(() => shard.append('key', NO_DATA, 20)).toThrow('is closed')
})

test('a closed shard has expired when even a record of its last moment would be trimmed', () => {
  const shard = shardWith([])
  expect(shard.isExpired(CREATED_MS + 1)).toBe(false)
  shard.close(CREATED_MS)
  expect(shard.isExpired(CREATED_MS)).toBe(false)
  expect(shard.isExpired(CREATED_MS + 1)).toBe(true)
})
