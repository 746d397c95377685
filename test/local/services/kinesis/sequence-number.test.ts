import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  sequenceNumber,
  sequencePrefix,
  shardIdIn,
  shardIdOf,
} from '../../../../local/services/kinesis/sequence-number.ts'

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })

test('sequence numbers of a shard have 56 digits and grow with the count, as strings and as numbers', () => {
  const prefix = sequencePrefix(1_700_000_000_000, 3)
  fc.assert(
    fc.property(count, count, (a, b) => {
      const [first, second] = [sequenceNumber(prefix, a), sequenceNumber(prefix, b)]
      expect(first).toMatch(/^[1-9]\d{55}$/)
      expect(first < second).toBe(a < b)
      expect(BigInt(first) < BigInt(second)).toBe(a < b)
    }),
  )
})

test('a stream created again later continues with greater numbers', () => {
  const earlier = sequenceNumber(sequencePrefix(1_700_000_000_000, 9), Number.MAX_SAFE_INTEGER)
  expect(sequenceNumber(sequencePrefix(1_700_000_000_001, 0), 0) > earlier).toBe(true)
})

test('a sequence number tells its shard', () => {
  expect(shardIdIn(sequenceNumber(sequencePrefix(1, 42), 7))).toBe('shardId-000000000042')
  expect(shardIdOf(42)).toBe('shardId-000000000042')
})

test.each(['', '0', '1'.repeat(56), `49${'0'.repeat(53)}x`, `49${'0'.repeat(55)}`])(
  '"%s" is not taken for a sequence number',
  (candidate) => {
    expect(shardIdIn(candidate)).toBeUndefined()
  },
)
