import type { FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs'

/** An event may be found so much later than a younger one, as streams of a group arrive each for itself. */
const latenessMs = 30_000

/** Tells the events that are new from those that an earlier look has found; of those it remembers the latest 30 s. */
export class UnseenEvents {
  readonly #startMs: number
  readonly #seen = new Map<string, number>()
  #newestMs = 0

  /** Looks begin at `startMs`, epoch milliseconds. */
  constructor(startMs: number) {
    this.#startMs = startMs
  }

  /** From when on to look next, epoch milliseconds. */
  get fromMs(): number {
    return Math.max(this.#startMs, this.#newestMs - latenessMs)
  }

  /** Whether the event is new, in which case it is no more from now on. */
  take({ eventId = '', timestamp = 0 }: FilteredLogEvent): boolean {
    if (this.#seen.has(eventId)) return false
    this.#seen.set(eventId, timestamp)
    this.#newestMs = Math.max(this.#newestMs, timestamp)
    return true
  }

  /** Forgets the events that no further look will find. */
  forget(): void {
    for (const [eventId, timestampMs] of this.#seen) if (timestampMs < this.fromMs) this.#seen.delete(eventId)
  }
}
