import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type KinesisRecord, RecordLog } from '../../../../local/services/kinesis/record-log.ts'

function record(index: number): KinesisRecord {
  return { sequenceNumber: String(index), partitionKey: 'key', arrivalMs: index, data: new Uint8Array() }
}

test('whatever is appended and dropped, positions stay and what is kept is as in a plain array', () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 5000 }) }),
    fc.record({ dropBefore: fc.nat({ max: 20_000 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const log = new RecordLog()
      let [start, end] = [0, 0]
      for (const change of steps) {
        if ('append' in change) {
          for (let count = 0; count < change.append; count += 1) log.append(record(end++))
        } else {
          log.dropBefore(change.dropBefore)
          start = Math.max(start, Math.min(change.dropBefore, end))
        }
        expect([log.start, log.end]).toEqual([start, end])
      }
      const kept = log.slice(0, Number.POSITIVE_INFINITY).map(({ arrivalMs }) => arrivalMs)
      expect(kept).toEqual(Array.from({ length: end - start }, (_, index) => start + index))
    }),
    { numRuns: 50 },
  )
})

test('a position that is dropped, or not yet there, has no record, those between have', () => {
  const log = new RecordLog()
  for (let index = 0; index < 10; index += 1) log.append(record(index))
  log.dropBefore(3)
  expect([3, 9].map((position) => log.at(position).arrivalMs)).toEqual([3, 9])
  for (const position of [-1, 2, 10]) expect(() => log.at(position)).toThrow(`at position ${position}`)
})

test('a slice begins at the oldest record that is kept and ends at the newest', () => {
  const log = new RecordLog()
  for (let index = 0; index < 10; index += 1) log.append(record(index))
  log.dropBefore(3)
  const slice = (from: number, to: number) => log.slice(from, to).map(({ arrivalMs }) => arrivalMs)
  expect(slice(0, 5)).toEqual([3, 4])
  expect(slice(8, 20)).toEqual([8, 9])
  expect(slice(0, 3)).toEqual([])
  expect(slice(10, 20)).toEqual([])
})
