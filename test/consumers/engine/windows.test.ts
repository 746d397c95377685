import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import {
  hopping,
  hours,
  minutes,
  paneExpiryMs,
  paneGateMs,
  seconds,
  startOf,
  tumbling,
  maximumDelayMs,
  windowStarts,
} from '../../../consumers/engine/windows.ts'

const sizeMs = fc.integer({ min: 1, max: 86_400 }).map(seconds)

describe('tumbling', () => {
  test('the pane is the largest that divides the window and is at most 5 minutes', () => {
    fc.assert(
      fc.property(sizeMs, (size) => {
        const { paneMs } = tumbling(size)
        const panes = size / paneMs
        expect(Number.isInteger(panes) && Number.isInteger(paneMs)).toBe(true)
        expect(paneMs).toBeLessThanOrEqual(minutes(5))
        const fewer = Array.from({ length: panes - 1 }, (_, index) => index + 1)
        expect(fewer.filter((count) => size % count === 0 && size / count <= minutes(5))).toEqual([])
      }),
    )
  })

  test.each([
    [seconds(1), seconds(1)],
    [minutes(1), minutes(1)],
    [minutes(5), minutes(5)],
    [minutes(6), minutes(3)],
    [hours(1), minutes(5)],
    [hours(24), minutes(5)],
  ])('a window of %d ms is stored in panes of %d ms', (size, pane) => {
    expect(tumbling(size)).toEqual({ sizeMs: size, periodMs: size, paneMs: pane })
  })

  test.each([0, -seconds(1), 999, 1_500, 1_000.5, hours(24) + seconds(1), Number.NaN, Infinity])(
    'a window of %d ms is refused, with the bounds in the message',
    (size) => {
      expect(() => tumbling(size)).toThrow(DefinitionError)
      expect(() => tumbling(size)).toThrow(
        `a window is whole seconds from 1 s to 86400 s, written in milliseconds; not ${size}`,
      )
    },
  )
})

describe('hopping', () => {
  const window = fc
    .tuple(sizeMs, sizeMs)
    .filter(([a, b]) => Math.max(a, b) / Math.min(a, b) <= 300)
    .map(([a, b]) => hopping(Math.max(a, b), Math.min(a, b)))

  test('the pane is the largest of at most 5 minutes that divides both size and period', () => {
    fc.assert(
      fc.property(window, (of) => {
        let longest = minutes(5)
        while (of.sizeMs % longest !== 0 || of.periodMs % longest !== 0) longest--
        expect(of.paneMs).toBe(longest)
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    [minutes(10), minutes(5), minutes(5)],
    [minutes(10), minutes(4), minutes(2)],
    [hours(1), minutes(15), minutes(5)],
    [hours(24), hours(1), minutes(5)],
    [minutes(1), seconds(1), seconds(1)],
    [minutes(6), minutes(6), minutes(3)],
  ])('a window of %d ms every %d ms is stored in panes of %d ms', (size, every, pane) => {
    expect(hopping(size, every)).toEqual({ sizeMs: size, periodMs: every, paneMs: pane })
  })

  test('windows that follow each other without overlap are tumbling ones', () => {
    expect(hopping(hours(1), hours(1))).toEqual(tumbling(hours(1)))
  })

  test.each([0, -seconds(1), 1_500, hours(24) + seconds(1), Number.NaN, Infinity])(
    'a size or a period of %d ms is refused, with the bounds in the message',
    (lengthMs) => {
      const bounds = `a window is whole seconds from 1 s to 86400 s, written in milliseconds; not ${lengthMs}`
      expect(() => hopping(lengthMs, seconds(1))).toThrow(DefinitionError)
      expect(() => hopping(lengthMs, seconds(1))).toThrow(bounds)
      expect(() => hopping(hours(24), lengthMs)).toThrow(bounds)
    },
  )

  test('windows with gaps between them are refused', () => {
    expect(() => hopping(minutes(1), minutes(2))).toThrow(DefinitionError)
    expect(() => hopping(minutes(1), minutes(2))).toThrow(
      'windows of 60000 ms every 120000 ms leave gaps between them: start them more often',
    )
    expect(() => hopping(minutes(2), minutes(2))).not.toThrow()
  })

  test('in which a moment lies in more than 300 are refused', () => {
    expect(() => hopping(seconds(301), seconds(1))).toThrow(DefinitionError)
    expect(hopping(seconds(300), seconds(1)).paneMs).toBe(seconds(1))
  })

  test('the windows of a range are all that overlap it, as counting them one by one finds', () => {
    const time = fc.integer({ min: -hours(2), max: hours(2) })
    const short = fc
      .tuple(fc.integer({ min: 20, max: 3_600 }), fc.integer({ min: 20, max: 3_600 }))
      .map(([a, b]) => hopping(seconds(Math.max(a, b)), seconds(Math.min(a, b))))
    fc.assert(
      fc.property(short, time, fc.integer({ min: 1, max: hours(1) }), (of, from, lengthMs) => {
        const to = from + lengthMs
        const starts: number[] = []
        const nearest = Math.round((from - 2 * of.sizeMs) / of.periodMs)
        for (let index = nearest; index * of.periodMs < to + of.sizeMs; index++) {
          const start = index * of.periodMs
          if (start < to && start + of.sizeMs > from) starts.push(start)
        }
        // One is enough to say that zero is not minus zero, which the comparison tells apart.
        expect(windowStarts(of, from, to, 10_000).map((start) => start + 0)).toEqual(
          starts.map((start) => start + 0),
        )
      }),
      { numRuns: 300 },
    )
  })

  test('a time lies in as many windows as fit their period into their size', () => {
    expect(windowStarts(hopping(minutes(3), minutes(1)), minutes(10), minutes(10) + 1, 3)).toEqual([
      minutes(8),
      minutes(9),
      minutes(10),
    ])
    expect(windowStarts(tumbling(minutes(3)), minutes(10), minutes(10) + 1, 3)).toEqual([minutes(9)])
  })

  test('more than may be are refused before any is made', () => {
    const everySecond = hopping(minutes(1), seconds(1))
    expect(() => windowStarts(everySecond, 0, Date.UTC(2026, 0, 1), 10_000)).toThrow(RangeError)
    expect(windowStarts(everySecond, 0, seconds(41), 100)).toHaveLength(100)
    expect(() => windowStarts(everySecond, 0, seconds(42), 100)).toThrow(RangeError)
  })

  test('no window overlaps a range that holds no time', () => {
    expect(windowStarts(tumbling(hours(1)), minutes(30), minutes(10), 1)).toEqual([])
    expect(windowStarts(tumbling(hours(1)), minutes(30), minutes(30), 1)).toEqual([])
  })
})

test('intervals are aligned to the epoch, before it too, and each time lies in exactly one', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), sizeMs, (quarters, lengthMs) => {
      const timeMs = quarters / 8
      const start = startOf(timeMs, lengthMs)
      expect(Math.abs(start % lengthMs)).toBe(0)
      expect(start <= timeMs && timeMs < start + lengthMs).toBe(true)
    }),
  )
})

test('a pane expires at the same time whoever asks, closes a minute before, and a window closes before its pane expires', () => {
  const of = {
    window: tumbling(minutes(10)),
    allowedLatenessMs: minutes(5),
    maximumRecordAgeMs: hours(1),
    retentionMs: hours(6),
  }
  const start = Date.UTC(2024, 0, 1)
  expect(paneExpiryMs(start, of)).toBe(start + minutes(5) + minutes(5) + hours(1) + hours(6))
  expect(paneGateMs(start, of)).toBe(paneExpiryMs(start, of) - minutes(1))
  expect(maximumDelayMs(of)).toBe(minutes(5) + hours(1) + seconds(10) + minutes(1) + seconds(30))
})
