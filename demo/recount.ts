import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/**
 * What should have been counted, worked out from the producer's journal alone. Nothing here is shared with the engine:
 * where both agree, both would have to be wrong in the same way.
 */
export interface Recount {
  /** Distinct departures. */
  readonly sent: number
  readonly duplicatesSent: number
  /** The unreadable records, by `shard sequence-number`, with their bytes in base64. */
  readonly garbage: ReadonlyMap<string, string>
  /** Per grouping: `window start` + key as JSON -> values. */
  readonly groups: Readonly<Record<'origin' | 'route', ReadonlyMap<string, Values>>>
}

/** The values of one group in one window, by the names under which they are read back. */
export interface Values {
  departures: number
  distance: number
  meanDelay: number
  bestDelay: number
  worstDelay: number
}

interface JournalLine {
  readonly kind: 'event' | 'duplicate' | 'garbage'
  readonly shardId: string
  readonly sequenceNumber: string
  readonly data: string
  readonly flightId: string
  readonly sentAt: number
  readonly origin: string
  readonly destination: string
  readonly distance: number
  readonly delay: number
}

const minuteMs = 60_000

/** Reads a journal of flights and counts each departure once, in the minute in which it was sent. */
export async function recountFlights(journalPath: string): Promise<Recount> {
  const seen = new Set<string>()
  const garbage = new Map<string, string>()
  const delays = { origin: new Map<string, number[]>(), route: new Map<string, number[]>() }
  const distances = { origin: new Map<string, number>(), route: new Map<string, number>() }
  let duplicatesSent = 0

  for await (const text of createInterface(createReadStream(journalPath))) {
    const line = JSON.parse(text) as JournalLine
    if (line.kind === 'garbage') garbage.set(`${line.shardId} ${line.sequenceNumber}`, line.data)
    if (line.kind === 'duplicate') duplicatesSent++
    if (line.kind === 'garbage' || seen.has(line.flightId)) continue
    seen.add(line.flightId)
    const window = line.sentAt - (line.sentAt % minuteMs)
    const names = {
      origin: groupName(window, line.origin),
      route: groupName(window, [line.origin, line.destination]),
    }
    for (const grouping of ['origin', 'route'] as const) {
      const name = names[grouping]
      const groupDelays = delays[grouping].get(name)
      if (groupDelays === undefined) delays[grouping].set(name, [line.delay])
      else groupDelays.push(line.delay)
      distances[grouping].set(name, (distances[grouping].get(name) ?? 0) + line.distance)
    }
  }
  const valuesOf = (grouping: 'origin' | 'route'): Map<string, Values> =>
    new Map(
      Array.from(delays[grouping], ([name, list]) => [
        name,
        {
          departures: list.length,
          distance: distances[grouping].get(name) ?? Number.NaN,
          meanDelay: list.reduce((sum, delay) => sum + delay, 0) / list.length,
          bestDelay: Math.min(...list),
          worstDelay: Math.max(...list),
        },
      ]),
    )
  return {
    sent: seen.size,
    duplicatesSent,
    garbage,
    groups: { origin: valuesOf('origin'), route: valuesOf('route') },
  }
}

/** Names a group in a window, the same for a journal's line and a row that was read back. */
export function groupName(windowStart: number, key: string | readonly string[]): string {
  return `${windowStart} ${JSON.stringify(key)}`
}
