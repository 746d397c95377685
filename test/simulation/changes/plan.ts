import { gateMs } from '../model.ts'
import { lifetimesMs } from '../pipeline.ts'
import { type Plan, type PlannedRecord, type PlannedWorld, planOf } from '../plan.ts'
import { SimulatedRandom } from '../random.ts'

/** What a row of the table says. */
export interface PlannedRow {
  readonly status: string
  readonly region: string
  /** The amount has two decimals. */
  readonly cents: number
}

/** One write to the table; `event` is the index of its row. A write that changes nothing is still one. */
export interface PlannedChange extends PlannedRecord {
  /** `undefined` deletes the row. */
  readonly image: PlannedRow | undefined
}

/** A plan whose records are the writes to a table. */
export interface ChangesPlan extends Plan {
  readonly records: readonly PlannedChange[]
}

const statuses = ['open', 'paid', 'sent'] as const
const regions = ['north', 'south'] as const
const spansMs = [5_000, 45_000, 150_000] as const
/** The retention of short-lived panes: the least that a window of its panes may have, and some more. */
const shortRetentionMs = 400_000
const longRetentionMs = 600_000
/** Rows, writes and shapes of the world draw from other numbers than the plan that they replace. */
const changesSalt = 0xc4a9e5

/** The plan of a seed: the world and the faults of `planOf`, and writes to a table. The same for the same seed. */
export function changesPlanOf(seed: number): ChangesPlan {
  const base = planOf(seed)
  const random = new SimulatedRandom(seed ^ changesSalt)
  const spanMs = random.pick(spansMs)
  const retentionMs = random.pick([shortRetentionMs, longRetentionMs])
  const records = drawChanges(random, spanMs)
  const world: PlannedWorld = {
    ...base.world,
    identity: 'position',
    bucketBy: 'partition-key',
    partitionBy: 'key',
    retentionMs,
    mappingDelayMs: 0,
  }
  const { startMs } = world
  const firstPaneMs = startMs - (startMs % lifetimesMs.pane)
  const closesAtMs = gateMs(world, firstPaneMs) - startMs
  const isTooLate = retentionMs === shortRetentionMs && random.chance(0.3)
  return {
    ...base,
    world: isTooLate ? { ...world, mappingDelayMs: closesAtMs + random.between(-13_000, 3_000) } : world,
    events: [],
    records,
    happenings: base.happenings.map(({ kind }) => ({ kind, atMs: random.below(spanMs) })),
  }
}

function drawChanges(random: SimulatedRandom, spanMs: number): PlannedChange[] {
  const rows = random.between(1, 4)
  const times = Array.from({ length: random.between(2, 16) }, () => random.below(spanMs)).sort(
    (a, b) => a - b,
  )
  const table = new Map<number, PlannedRow>()
  return times.map((atMs): PlannedChange => {
    const row = random.below(rows)
    const image = drawImage(random, table.get(row))
    if (image === undefined) table.delete(row)
    else table.set(row, image)
    return { atMs, event: row, form: 'event', image }
  })
}

/** What a row becomes: new, gone, moved to other groups, of another amount, or what it was. */
function drawImage(random: SimulatedRandom, held: PlannedRow | undefined): PlannedRow | undefined {
  const drawn = { status: random.pick(statuses), region: random.pick(regions), cents: drawCents(random) }
  if (held === undefined) return drawn
  const { status, region, cents } = held
  return random.pick([
    undefined,
    drawn,
    { status: drawn.status, region, cents },
    { status, region: drawn.region, cents },
    { status, region, cents: drawn.cents },
    { status, region, cents },
  ])
}

function drawCents(random: SimulatedRandom): number {
  return random.chance(0.2) ? Number.MAX_SAFE_INTEGER : random.below(30_000) - 5_000
}
