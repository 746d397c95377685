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
/**
 * Writes to a cell stop this long before it expires: twice the clock skew, a request's time-out, and the longest time
 * after which a write that was given up may still be applied.
 */
export const expiryMarginMs = seconds(60)
/** Momento keeps an item for 24 hours at most (its limits page). */
export const maximumLifetimeMs = hours(24)

/** A way to cut event time, aligned to the epoch in UTC. */
export interface Window {
  readonly sizeMs: number
  /** The unit that is stored; divides `sizeMs`. */
  readonly paneMs: number
}

/** Whole seconds, so that a pane is never a sliver: a window of a prime number of milliseconds has panes of 1 ms. */
const windowBoundsMs = { least: seconds(1), most: maximumLifetimeMs }

/**
 * Windows of `sizeMs` that follow each other without gap or overlap: whole seconds, up to 24 hours.
 * @throws DefinitionError for any other size.
 */
export function tumbling(sizeMs: number): Window {
  const { least, most } = windowBoundsMs
  if (sizeMs % 1_000 !== 0 || !(sizeMs >= least && sizeMs <= most)) {
    const bounds = `from ${least / 1_000} s to ${most / 1_000} s`
    throw new DefinitionError(`a window is whole seconds ${bounds}, written in milliseconds; not ${sizeMs}`)
  }
  let panes = Math.ceil(sizeMs / maximumPaneMs)
  while (sizeMs % panes !== 0) panes++
  return { sizeMs, paneMs: sizeMs / panes }
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

/** When no live delivery can change a window any more, epoch milliseconds. A replay still may. */
export function windowClosesAtMs(windowStartMs: number, of: Lifetimes): number {
  return windowStartMs + of.window.sizeMs + of.allowedLatenessMs + of.maximumRecordAgeMs + maximumClockSkewMs
}
