import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventOverheadBytes, LogGroup } from '../../../../local/services/logs/log-group.ts'

const events = fc.array(
  fc.record({ stream: fc.constantFrom('a', 'b', 'c'), afterMs: fc.nat(100), message: fc.string() }),
  { maxLength: 60 },
)
const limits = fc.record({ maximumEvents: fc.integer({ min: 1, max: 20 }), maximumBytes: fc.nat(600) })

test('a group keeps the latest events, as many as both limits allow and the last in any case', () => {
  fc.assert(
    fc.property(events, limits, fc.nat(60), (added, { maximumEvents, maximumBytes }, from) => {
      const group = new LogGroup('group', 'arn', 0, { maximumEvents, maximumBytes })
      added.forEach(({ stream, afterMs, message }, index) => group.add(stream, afterMs, message, index))

      const sizes = added.map(({ message }) => Buffer.byteLength(message) + eventOverheadBytes)
      const bytesFrom = (index: number): number => sizes.slice(index).reduce((sum, size) => sum + size, 0)
      let first = Math.max(0, added.length - maximumEvents)
      while (first < added.length - 1 && bytesFrom(first) > maximumBytes) first++
      const kept = added.map((event, sequence) => ({ ...event, sequence })).slice(first)

      expect(group.storedBytes).toBe(bytesFrom(first))
      expect(group.nextSequence).toBe(added.length)
      expect(group.eventsFrom(from)).toMatchObject(
        kept
          .filter(({ sequence }) => sequence >= from)
          .map(({ stream: streamName, afterMs: timestampMs, message, sequence }) => ({
            streamName,
            timestampMs,
            message,
            sequence,
          })),
      )
      expect(new Set(group.streams().map(({ name }) => name))).toEqual(
        new Set(kept.map(({ stream }) => stream)),
      )
    }),
  )
})
