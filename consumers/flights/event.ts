import * as z from 'zod'

/** A departure, as its producer sends it: JSON, partitioned by `origin`. */
export const flightSchema = z.object({
  /** Names the departure; a repeat carries the same. */
  flightId: z.string().min(1).max(128),
  /** When it was sent, epoch milliseconds: the event time. */
  sentAt: z.number(),
  /** Airport codes. */
  origin: z.string().min(1),
  destination: z.string().min(1),
  /** Miles, whole. */
  distance: z.int(),
  /** Minutes of delay at arrival, whole; early arrivals are negative. */
  delay: z.int(),
})

export type Flight = z.infer<typeof flightSchema>
