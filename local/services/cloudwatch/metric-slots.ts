import { mergeInto, type StatisticSet, statisticSet } from './statistic-set.ts'

/** A span of time, epoch milliseconds, its end excluded. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

/** The values of one metric in slots of one length, of which only the latest are kept. */
export class MetricSlots {
  readonly #slotMs: number
  readonly #keptMs: number
  /** By the beginning of the slot. */
  readonly #slots = new Map<number, StatisticSet>()

  constructor(slotMs: number, keptSlots: number) {
    this.#slotMs = slotMs
    this.#keptMs = slotMs * keptSlots
  }

  /** Adds values; what is too old to be kept is forgotten at once. */
  add(timestampMs: number, values: StatisticSet, nowMs: number): void {
    const startMs = slotStart(timestampMs, this.#slotMs)
    const horizonMs = nowMs - this.#keptMs
    if (startMs <= horizonMs) return
    const present = this.#slots.get(startMs)
    if (present !== undefined) {
      mergeInto(present, values)
      return
    }
    for (const oldMs of this.#slots.keys()) {
      if (oldMs > horizonMs) break
      this.#slots.delete(oldMs)
    }
    this.#slots.set(startMs, copyOf(values))
  }

  /** What there is in each period, a multiple of a slot, that begins in the range; by the beginning of the period. */
  inPeriods({ startMs, endMs }: TimeRange, periodMs: number): Map<number, StatisticSet> {
    const found = new Map<number, StatisticSet>()
    for (const [slotMs, values] of this.#slots) {
      const periodStartMs = slotStart(slotMs, periodMs)
      if (periodStartMs < startMs || periodStartMs >= endMs) continue
      const present = found.get(periodStartMs)
      if (present === undefined) found.set(periodStartMs, copyOf(values))
      else mergeInto(present, values)
    }
    return found
  }
}

/** The beginning of the slot in which a time is: slots are multiples of their length since the epoch. */
export function slotStart(timestampMs: number, slotMs: number): number {
  return Math.floor(timestampMs / slotMs) * slotMs
}

function copyOf(set: StatisticSet): StatisticSet {
  const copy = statisticSet(0, 0)
  return Object.assign(copy, set, { bins: set.bins && new Map(set.bins) })
}
