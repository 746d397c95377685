import { DefinitionError } from './errors.ts'

/** Milliseconds in so many seconds. */
export const seconds = (count: number): number => count * 1_000
/** Milliseconds in so many minutes. */
export const minutes = (count: number): number => count * 60_000
/** Milliseconds in so many hours. */
export const hours = (count: number): number => count * 3_600_000

/** The largest pane that is stored; longer windows are read as a union of panes. */
const maximumPaneMs = minutes(5)
/** No two instances' clocks, nor a stream's, differ by more. */
export const maximumClockSkewMs = seconds(10)
/** No function runs for longer; checked where it is defined. */
export const longestInvocationMs = minutes(1)
/** A write that was given up is applied no later than this after. */
const longestLateApplyMs = seconds(30)
/** What an admitted delivery may take until the last of its writes is applied. */
const settlingMs = longestInvocationMs + longestLateApplyMs
/** Writes to a cell stop this long before it expires: more than twice the clock skew, a request's time-out and a late apply. */
export const expiryMarginMs = seconds(60)
/** Momento keeps an item for 24 hours at most (its limits page). */
export const maximumLifetimeMs = hours(24)

/** A way to cut event time, aligned to the epoch in UTC: windows of `sizeMs`, one of which starts every `periodMs`. */
export interface Window {
  readonly sizeMs: number
  readonly periodMs: number
  /** The unit that is stored; divides both. */
  readonly paneMs: number
}

/** Whole seconds, so that a pane is never a sliver: a window of a prime number of milliseconds has panes of 1 ms. */
const windowBoundsMs = { least: seconds(1), most: maximumLifetimeMs }

/** Windows that one moment lies in: a day of 5-minute steps is 288. */
const maximumOverlap = 300

/**
 * Windows of `sizeMs` that follow each other without gap or overlap: whole seconds, up to 24 hours.
 * @throws DefinitionError for any other size.
 */
export function tumbling(sizeMs: number): Window {
  return hopping(sizeMs, sizeMs)
}

/**
 * Windows of `sizeMs` that start every `everyMs`, so that they overlap: an event is in every window that covers it, and
 * is stored once, in its pane. Both are whole seconds, up to 24 hours; `everyMs` is no longer than `sizeMs`, and
 * no moment lies in more than 300 windows.
 * @throws DefinitionError for anything else.
 */
export function hopping(sizeMs: number, everyMs: number): Window {
  const { least, most } = windowBoundsMs
  for (const lengthMs of [sizeMs, everyMs]) {
    if (lengthMs % 1_000 === 0 && lengthMs >= least && lengthMs <= most) continue
    const bounds = `from ${least / 1_000} s to ${most / 1_000} s`
    throw new DefinitionError(`a window is whole seconds ${bounds}, written in milliseconds; not ${lengthMs}`)
  }
  const overlap = sizeMs / everyMs
  if (overlap < 1) {
    throw new DefinitionError(
      `windows of ${sizeMs} ms every ${everyMs} ms leave gaps between them: start them more often`,
    )
  }
  if (overlap > maximumOverlap) {
    throw new DefinitionError(
      `a moment in ${Math.ceil(overlap)} windows is too much to read: start them less often, ${maximumOverlap} are the most`,
    )
  }
  const commonMs = greatestCommonDivisor(sizeMs, everyMs)
  let panes = Math.ceil(commonMs / maximumPaneMs)
  while (commonMs % panes !== 0) panes++
  return { sizeMs, periodMs: everyMs, paneMs: commonMs / panes }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/**
 * The starts of the windows that overlap `[from, to)`, epoch milliseconds, oldest first.
 * @throws RangeError for more than `maximum`.
 */
export function windowStarts(
  { sizeMs, periodMs }: Window,
  from: number,
  to: number,
  maximum: number,
): number[] {
  if (!(from < to)) return []
  const first = startOf(from - sizeMs, periodMs) + periodMs
  const count = Math.max(0, Math.ceil((to - first) / periodMs))
  if (count > maximum)
    throw new RangeError(`${count} windows are too many to read at once; ${maximum} are the most`)
  return Array.from({ length: count }, (_, index) => first + index * periodMs)
}

/** From when to when, epoch milliseconds, the end excluded. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** `[from, to)` as one span, widened to whole periods of the windows; none where it is empty. */
export function spanOf({ periodMs }: Window, from: number, to: number): Span[] {
  if (!(from < to)) return []
  return [{ startMs: startOf(from, periodMs), endMs: Math.ceil(to / periodMs) * periodMs }]
}

/** The start of the interval of `lengthMs` in which a time lies, epoch milliseconds. */
export function startOf(timeMs: number, lengthMs: number): number {
  return Math.floor(timeMs / lengthMs) * lengthMs
}

/** How long things of a pipeline live; all in milliseconds. */
export interface Lifetimes {
  readonly window: Window
  readonly allowedLatenessMs: number
  readonly maximumRecordAgeMs: number
  readonly retentionMs: number
}

/** When a pane's cells leave the cache, epoch milliseconds: absolute, whoever writes them and when. */
export function paneExpiryMs(paneStartMs: number, of: Lifetimes): number {
  return paneStartMs + of.window.paneMs + of.allowedLatenessMs + of.maximumRecordAgeMs + of.retentionMs
}

/** Past this time nothing is written to a pane's cells any more, and a missing cell is no zero. */
export function paneGateMs(paneStartMs: number, of: Lifetimes): number {
  return paneExpiryMs(paneStartMs, of) - expiryMarginMs
}

/** The earliest start of a window of which no pane is past its gate a minute after `nowMs`. */
export function wholeSinceMs(nowMs: number, of: Lifetimes): number {
  const { periodMs } = of.window
  const lifetimeMs = paneGateMs(0, of)
  return Math.ceil((nowMs + minutes(1) - lifetimeMs) / periodMs) * periodMs
}

/** Time to live of a head: down to whole seconds, so that none outlives its pane's expiry. */
export function headTtlSeconds(expiryMs: number, nowMs: number): number {
  return Math.floor((expiryMs - nowMs) / 1_000)
}

/** Segments outlive their heads by this much, so that no head ever names one that has expired. */
export const segmentSlackMs = minutes(10)

/** Time to live of a segment: up to whole seconds. */
export function segmentTtlSeconds(expiryMs: number, nowMs: number): number {
  return Math.ceil((expiryMs + segmentSlackMs - nowMs) / 1_000)
}

/**
 * How long after the end of a pane a live delivery may still change it: it is admitted until the record is too old, and
 * then takes its time. A replay may come later still.
 */
export function maximumDelayMs(of: Pick<Lifetimes, 'allowedLatenessMs' | 'maximumRecordAgeMs'>): number {
  return of.allowedLatenessMs + of.maximumRecordAgeMs + maximumClockSkewMs + settlingMs
}

/**
 * A window's first pane, which ends long before the window does, has to be there still when the window closes, or none
 * would ever be final and complete.
 */
export function minimumRetentionMs({ sizeMs, paneMs }: Pick<Window, 'sizeMs' | 'paneMs'>): number {
  return sizeMs - paneMs + expiryMarginMs + maximumClockSkewMs + settlingMs
}
