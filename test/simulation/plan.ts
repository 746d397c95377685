import { warmCellsBytes } from '../../consumers/engine/warm-cells.ts'
import { SimulatedRandom } from './random.ts'

/** Faults that take something out of the cache; they end while a replay can still repair what they did. */
export const lossFaults = [
  'damagedInTransit',
  'damagedAtRest',
  'headEvicted',
  'segmentEvicted',
  'headRolledBack',
] as const

const otherFaults = [
  'requestLost',
  'answerLost',
  'lateApply',
  'delayed',
  'throttled',
  'internalError',
  'staleRead',
  'staleMiss',
  'newerCodec',
  'clockSkew',
  'kill',
  'stall',
  'zombie',
  'lostAcknowledgement',
  'failedRecordsLost',
  'failedRecordsPartial',
] as const

export const faultNames = [...lossFaults, ...otherFaults] as const
export type FaultName = (typeof faultNames)[number]

/** The highest rate of each fault: a share of the requests, invocations or waits that it can meet. */
const highestRate: Readonly<Record<FaultName, number>> = {
  damagedInTransit: 0.1,
  damagedAtRest: 0.03,
  headEvicted: 0.05,
  segmentEvicted: 0.05,
  headRolledBack: 0.05,
  requestLost: 0.2,
  answerLost: 0.3,
  lateApply: 0.2,
  delayed: 0.4,
  throttled: 0.25,
  internalError: 0.2,
  staleRead: 0.5,
  staleMiss: 0.4,
  newerCodec: 0.02,
  clockSkew: 1,
  kill: 0.05,
  stall: 0.06,
  zombie: 1,
  lostAcknowledgement: 0.3,
  failedRecordsLost: 0.5,
  failedRecordsPartial: 0.5,
}

/** What happens once, at its time. */
export const happeningKinds = ['split', 'merge', 'factor', 'second-mapping', 'replay', 'read'] as const
export interface Happening {
  readonly atMs: number
  readonly kind: (typeof happeningKinds)[number]
}

/** What one event says; `timeMs` from the story's start, as all times here. */
export interface PlannedEvent {
  readonly key: string
  readonly timeMs: number
  readonly origin: string
  readonly destination: string
  readonly miles: number
}

/** One record that a producer sends: an event, again perhaps, or what cannot be read. */
export interface PlannedRecord {
  readonly atMs: number
  /** Index of its event. */
  readonly event: number
  readonly form: 'event' | 'garbage' | 'wrong-shape' | 'unreadable'
}

/** The size and the settings of the world. */
export interface PlannedWorld {
  readonly startMs: number
  readonly shards: number
  readonly lanesPerShard: number
  readonly instances: number
  /** What an instance may keep of cells from one invocation to the next. */
  readonly warmBytes: number
  readonly buckets: number
  readonly bucketBy: 'origin' | 'partition-key'
  readonly partitionBy: 'origin' | 'key'
  readonly identity: 'key' | 'position'
  readonly retentionMs: number
  readonly maximumGroups: number
  readonly batchSize: number
  readonly batchingWindowMs: number
  /** The mapping begins that long after the producers. */
  readonly mappingDelayMs: number
  readonly bisects: boolean
  readonly maximumAttempts: number | undefined
  readonly maximumRecordAgeMs: number | undefined
  /** Small, so that small cells seal. */
  readonly sealAboveIds: number
  readonly idsPerSegment: number
}

/** All that decides a story, but for the numbers that its seed draws: plain data, so that it can be made smaller. */
export interface Plan {
  readonly seed: number
  readonly world: PlannedWorld
  readonly events: readonly PlannedEvent[]
  readonly records: readonly PlannedRecord[]
  readonly happenings: readonly Happening[]
  readonly faults: Readonly<Record<FaultName, number>>
}

const origins = ['JFK', 'BOS', 'LHR', 'ORD'] as const
const destinations = ['LAX', 'SFO', 'CDG'] as const
const unreadableForms = ['garbage', 'wrong-shape', 'unreadable'] as const
/** Room for a head or two: what an instance remembers outlives what it has a copy of. */
const smallWarmBytes = 8_000
const noonMs = Date.UTC(2024, 0, 1, 12)
const shortRetentionMs = 160_000
/** When the pane of noon closes if retention is short: pane, lateness, record age and retention, less the margin. */
const gateOfNoonMs = noonMs + 3 * 60_000 + shortRetentionMs - 60_000

/** The plan of a seed; the same for the same seed. */
export function planOf(seed: number): Plan {
  const random = new SimulatedRandom(seed)
  const spanMs = random.between(2_000, 45_000)
  const faults = Object.fromEntries(
    faultNames.map((name) => [name, random.chance(0.5) ? random.fraction() * highestRate[name] : 0]),
  ) as Record<FaultName, number>
  const events = Array.from({ length: random.pick([3, 4, 6, 8, 14]) }, (_, index) =>
    drawEvent(random, index, spanMs),
  )
  return {
    seed,
    world: drawWorld(random),
    events,
    records: drawRecords(random, events, spanMs),
    happenings: happeningKinds.flatMap((kind) =>
      Array.from({ length: random.below(kind === 'read' ? 3 : 2) }, () => ({
        kind,
        atMs: random.below(kind === 'read' ? 2 * spanMs : spanMs),
      })),
    ),
    faults,
  }
}

function drawEvent(random: SimulatedRandom, index: number, spanMs: number): PlannedEvent {
  return {
    key: `e-${index}`,
    timeMs: random.below(spanMs) - random.pick([0, 0, 20_000, 60_000, random.chance(0.1) ? -90_000 : 0]),
    origin: random.pick(origins),
    destination: random.pick(destinations),
    miles: random.chance(0.05) ? Number.MAX_SAFE_INTEGER : random.below(5_000) - 100,
  }
}

function drawRecords(
  random: SimulatedRandom,
  events: readonly PlannedEvent[],
  spanMs: number,
): PlannedRecord[] {
  const repeats = Array.from({ length: random.below(events.length) }, () => random.below(events.length))
  return [...events.keys(), ...repeats]
    .map((event): PlannedRecord => {
      const sent = Math.max(0, events[event]?.timeMs ?? 0) + random.below(5_000)
      const form = random.chance(0.04) ? random.pick(unreadableForms) : 'event'
      return { atMs: Math.min(sent, spanMs + 5_000), event, form }
    })
    .sort((a, b) => a.atMs - b.atMs)
}

function drawWorld(random: SimulatedRandom): PlannedWorld {
  const startMs = noonMs + random.below(60_000)
  const retentionMs = random.pick([shortRetentionMs, 600_000, 600_000])
  const bucketBy = random.pick(['origin', 'partition-key'] as const)
  return {
    startMs,
    shards: random.between(1, 3),
    lanesPerShard: random.between(1, 3),
    instances: random.between(2, 5),
    warmBytes: random.pick([warmCellsBytes, warmCellsBytes, smallWarmBytes]),
    buckets: random.between(1, 3),
    bucketBy,
    partitionBy: random.pick(['origin', 'origin', 'key']),
    identity: random.pick(['key', 'key', 'key', 'position']),
    retentionMs,
    maximumGroups: random.pick([5, 1_000, 1_000, 1_000]),
    batchSize: random.between(1, 25),
    batchingWindowMs: random.pick([0, 500, 3_000]),
    mappingDelayMs:
      retentionMs === shortRetentionMs && random.chance(0.5)
        ? gateOfNoonMs - startMs + random.between(-13_000, 3_000)
        : 0,
    bisects: random.chance(0.5),
    maximumAttempts: random.pick([undefined, undefined, 3]),
    maximumRecordAgeMs: random.pick([undefined, undefined, 60_000]),
    sealAboveIds: random.between(1, 6),
    idsPerSegment: random.between(1, 6),
  }
}
