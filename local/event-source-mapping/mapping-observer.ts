import type { MappingStats } from './mapping-stats.ts'

/** A metric of AWS Lambda's `EventCount` for mappings of streams. */
export type EventCountName = keyof MappingStats['eventCounts']

/** Told what a mapping counts, as it counts it. */
export interface MappingObserver {
  /** Only where the mapping's `emitsEventCounts` is set; of reads that find nothing, 0 were polled. */
  readonly onEvents: (name: EventCountName, records: number) => void
  /** Age of the last record of a batch that reached the function, when it was sent; with each attempt, after its end. */
  readonly onIteratorAge: (age: { readonly ageMs: number; readonly sentMs: number }) => void
  /** A report that the destination did not take. */
  readonly onDestinationDeliveryFailure: () => void
}

/** Is told, and tells nobody. */
export const silentObserver: MappingObserver = {
  onEvents: () => undefined,
  onIteratorAge: () => undefined,
  onDestinationDeliveryFailure: () => undefined,
}
