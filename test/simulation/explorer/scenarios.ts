import { faultNames, type Plan } from '../plan.ts'

/** What is left open is whose request comes next, and which one goes wrong, and how. */
export interface Scenario {
  readonly name: string
  /** Of each writer the batches that it delivers, one after the other, each a list of events. */
  readonly writers: readonly (readonly (readonly number[])[])[]
  /** One request goes wrong, or none does; of what may go wrong only this. */
  readonly faults: 'none' | 'all' | 'zombies' | 'all but zombies'
  /** Whether an answer that is under way is a step of its own, before which others may come. */
  readonly splitsAnswers?: true
  /** Whether a segment's request is one, too. */
  readonly splitsSegments?: true
}

const overlapping = [[[0, 1]], [[1, 2]]]

/** Few enough stories for every run of the tests. */
export const shortScenarios: readonly Scenario[] = [
  {
    name: 'two batches that share an event, and any fault but zombies',
    writers: overlapping,
    faults: 'all but zombies',
  },
  {
    name: 'two batches that share an event, and answers late',
    writers: overlapping,
    faults: 'none',
    splitsAnswers: true,
  },
]

/** All of them take minutes. */
export const scenarios: readonly Scenario[] = [
  { name: 'two batches that share an event, and any fault', writers: overlapping, faults: 'all' },
  { name: 'a warm copy, and another writer', writers: [[[0], [1]], [[1, 2]]], faults: 'all' },
  { name: 'a second segment, and another writer', writers: [[[0, 1], [2]], [[1, 2]]], faults: 'all' },
  {
    name: 'a zombie beside its successor, and answers late',
    writers: [[[0, 1], [2]]],
    faults: 'zombies',
    splitsAnswers: true,
  },
  {
    name: 'two batches that share an event, every request and answer by itself',
    writers: overlapping,
    faults: 'none',
    splitsAnswers: true,
    splitsSegments: true,
  },
]

const events = 3
const startMs = Date.UTC(2024, 0, 1, 12)

/** The world of a scenario: one cell, which seals as soon as it holds two ids, and nothing that goes wrong by chance. */
export function exploredPlan(): Plan {
  const faults = Object.fromEntries(faultNames.map((name) => [name, 0])) as Plan['faults']
  return {
    seed: 1,
    world: {
      startMs,
      shards: 1,
      lanesPerShard: 1,
      instances: 2,
      warmBytes: 1_000_000,
      buckets: 1,
      bucketBy: 'origin',
      partitionBy: 'origin',
      identity: 'key',
      retentionMs: 600_000,
      maximumGroups: 1_000,
      batchSize: events,
      batchingWindowMs: 0,
      mappingDelayMs: 0,
      bisects: false,
      maximumAttempts: undefined,
      maximumRecordAgeMs: undefined,
      sealAboveIds: 1,
      idsPerSegment: events,
    },
    events: Array.from({ length: events }, (_each, index) => ({
      key: `e-${index}`,
      timeMs: 0,
      origin: 'JFK',
      destination: 'LAX',
      miles: 10 ** index,
    })),
    records: Array.from({ length: events }, (_each, event) => ({ atMs: 0, event, form: 'event' as const })),
    happenings: [],
    faults,
  }
}
