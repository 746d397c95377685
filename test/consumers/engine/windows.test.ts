import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError } from '../../../consumers/engine/errors.ts'
import {
  hours,
  minutes,
  paneExpiryMs,
  paneGateMs,
  seconds,
  startOf,
  tumbling,
  windowClosesAtMs,
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
    expect(tumbling(size)).toEqual({ sizeMs: size, paneMs: pane })
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
  expect(windowClosesAtMs(start, of)).toBe(start + minutes(10) + minutes(5) + hours(1) + seconds(10))
})
