import * as z from 'zod'

/** Of a departure, as its producer sends it, what punctuality reads; other members are ignored. */
export const departureSchema = z.object({
  /** Names the departure; a repeat carries the same. */
  flightId: z.string().min(1).max(128),
  /** When it was sent, epoch milliseconds: the event time. */
  sentAt: z.number(),
  /** Airport code. */
  origin: z.string().min(1),
  /** Miles, whole. */
  distance: z.int(),
  /** Minutes of delay at arrival, whole; early arrivals are negative. */
  delay: z.int(),
})

export type Departure = z.infer<typeof departureSchema>
