/**
 * How long after its end an idle window is closed. AWS: "up to 2 minutes"; a record of a later window and the end of the
 * shard close it at once.
 */
export const idleWindowMs = 120_000
/** Lambda's limit of a window's state for a shard. */
export const maximumStateBytes = 1024 * 1024

/** What a call says of its window. */
export interface WindowCall {
  readonly startMs: number
  readonly endMs: number
  /** The last call of the window, without records. */
  readonly isFinal: boolean
  /** It ends before its time, because its state has become too large. */
  readonly isTerminatedEarly: boolean
}

/** A window that has begun, and what its function has made of it. */
export interface OpenWindow {
  readonly startMs: number
  readonly lengthMs: number
  /** JSON. */
  state: string
}

/** The state of a window that nothing was added to. */
export const emptyState = '{}'

/** The window of a record, by its arrival: windows are aligned to multiples of their length. */
export function windowStartOf(arrivalMs: number, windowMs: number): number {
  return Math.floor(arrivalMs / windowMs) * windowMs
}

/** A call with records. */
export function callWithin(startMs: number, lengthMs: number): WindowCall {
  return { startMs, endMs: startMs + lengthMs, isFinal: false, isTerminatedEarly: false }
}

/**
 * The last call that a window needs now, if any: because its state is too large, because the next record is of another
 * window, because the shard has ended, or because nothing has come for long enough.
 */
export function closingCall(
  { startMs, lengthMs, state }: OpenWindow,
  next: { readonly arrivalMs: number } | undefined,
  isShardEnded: boolean,
  nowMs: number,
): WindowCall | undefined {
  const call = { ...callWithin(startMs, lengthMs), isFinal: true }
  if (Buffer.byteLength(state) > maximumStateBytes) return { ...call, isTerminatedEarly: true }
  const isPassed = next !== undefined && windowStartOf(next.arrivalMs, lengthMs) !== startMs
  const isIdle = next === undefined && (isShardEnded || nowMs >= call.endMs + idleWindowMs)
  return isPassed || isIdle ? call : undefined
}
