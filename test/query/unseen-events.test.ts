import { expect, test } from 'vitest'
import { UnseenEvents } from '../../query/unseen-events.ts'

test('an event is new once, also one that comes after younger ones', () => {
  const unseen = new UnseenEvents(1_000)
  expect(unseen.fromMs).toBe(1_000)
  expect(unseen.take({ eventId: 'a', timestamp: 100_000 })).toBe(true)
  expect(unseen.fromMs).toBe(70_000)
  unseen.forget()
  expect(unseen.take({ eventId: 'a', timestamp: 100_000 })).toBe(false)
  expect(unseen.take({ eventId: 'b', timestamp: 70_000 })).toBe(true)
})

test('what no look finds any more is forgotten', () => {
  const unseen = new UnseenEvents(0)
  unseen.take({ eventId: 'old', timestamp: 1_000 })
  unseen.take({ eventId: 'kept', timestamp: 10_000 })
  unseen.take({ eventId: 'new', timestamp: 40_000 })
  unseen.forget()
  expect(unseen.take({ eventId: 'kept', timestamp: 10_000 })).toBe(false)
  expect(unseen.take({ eventId: 'old', timestamp: 1_000 })).toBe(true)
})
