import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { pacer } from '../../../producers/lib/pacing.ts'

function manualClock(nowMs = 1_000) {
  const clock = {
    timeMs: nowMs,
    sleepsMs: [] as number[],
    nowMs: () => clock.timeMs,
    sleep: async (durationMs: number) => {
      clock.sleepsMs.push(durationMs)
      clock.timeMs += durationMs
    },
  }
  return clock
}

it('sends at once at first, and then each batch when the rate has made room for it', async () => {
  const clock = manualClock()
  const pace = pacer(100, clock)
  for (const count of [10, 10, 50, 1]) await pace(count)
  expect(clock.sleepsMs).toEqual([100, 100, 500])
})

it('never waits without a rate', async () => {
  const clock = manualClock()
  const pace = pacer(undefined, clock)
  for (const count of [500, 500, 500]) await pace(count)
  expect(clock.sleepsMs).toEqual([])
})

it('waits less where sending itself took time', async () => {
  const clock = manualClock()
  const pace = pacer(10, clock)
  await pace(1)
  clock.timeMs += 60
  await pace(1)
  expect(clock.sleepsMs).toEqual([40])
})

it("catches up after a stall, by one second's worth at most", async () => {
  const clock = manualClock()
  const pace = pacer(10, clock)
  await pace(1)
  clock.timeMs += 60_000
  for (let sent = 0; sent < 13; sent++) await pace(1)
  // Ten of the lost minute, one whose turn it is; the two after them wait.
  expect(clock.sleepsMs).toEqual([100, 100])
})

it('never sends more than the rate allows, but for one second and one batch', async () => {
  const step = fc.record({
    count: fc.integer({ min: 1, max: 50 }),
    busyMs: fc.integer({ min: 0, max: 3_000 }),
  })
  const rates = fc.integer({ min: 1, max: 1_000 })
  await fc.assert(
    fc.asyncProperty(rates, fc.array(step, { minLength: 1, maxLength: 30 }), async (rate, steps) => {
      const clock = manualClock()
      const pace = pacer(rate, clock)
      const startMs = clock.timeMs
      let sent = 0
      for (const { count, busyMs } of steps) {
        await pace(count)
        expect(sent).toBeLessThanOrEqual(((clock.timeMs - startMs) / 1_000) * rate + rate + 1e-6)
        sent += count
        clock.timeMs += busyMs
      }
    }),
  )
})
