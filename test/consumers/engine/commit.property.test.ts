import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import { decodeCell } from '../../../consumers/engine/codec.ts'
import type { EventId } from '../../../consumers/engine/identity.ts'
import type { CellStore, Ports, SourceRecord } from '../../../consumers/engine/ports.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { read } from '../../../consumers/engine/read.ts'
import { routeRecord } from '../../../consumers/engine/route.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { MemoryCellStore } from '../../contract/memory-cell-store.ts'
import { type Departure, departure, departures, paneStartMs, recordOf } from './departures.ts'
import { type FaultRates, type FaultyWorld, faultyStore, type Situations } from './faulty-store.ts'
import { SeededRandom } from './seeded-random.ts'
import { SeededScheduler } from './seeded-scheduler.ts'

const stories = 400
/** A batch that is not done by then never will be. */
const maximumDeliveries = 60
/** Each situation has to have come up this often in all stories, or they prove nothing. */
const leastOfEachSituation = 200
const mostRate = 0.3
/** The first two share a bucket, so a cell; with panes of a minute, there are four cells. */
const origins = ['JFK', 'BOS', 'LHR'] as const
const paneMs = departures.window.paneMs

const [departuresIndex, milesIndex] = [indexOf('departures'), indexOf('miles')] as const

/** A departure and where it has to be counted. */
interface Event {
  readonly departure: Departure
  readonly record: SourceRecord
  readonly address: string
  readonly id: string
}

function drawEvents(random: SeededRandom): readonly [Event, ...Event[]] {
  const draw = (index: number): Event => {
    const at = paneStartMs + random.below(2) * paneMs + random.below(paneMs)
    const drawn = departure({
      id: `d-${index}`,
      at,
      origin: random.pick(origins),
      miles: random.below(5_000),
    })
    const record = recordOf(drawn, { arrivalMs: at })
    const route = routeRecord(departures, record)
    assert(route !== undefined)
    return { departure: drawn, record, address: route.address, id: textOf(route.contribution.id) }
  }
  return [draw(0), ...Array.from({ length: 4 + random.below(20) }, (_, index) => draw(index + 1))]
}

/** Each fault is on in half of the stories, at a rate of its own. */
function drawRates(random: SeededRandom): FaultRates {
  const rate = (): number => (random.chance(0.5) ? random.fraction() * mostRate : 0)
  return { lost: rate(), answerLost: rate(), late: rate(), stale: rate() * 2, staleMiss: rate() }
}

function textOf(id: EventId): string {
  return id.join(' ')
}

function indexOf(measure: string): number {
  return departures.measures.findIndex(({ name }) => name === measure)
}

/** What a set of departures adds up to, told without the engine. */
function totals(events: readonly Event[]): Map<string, { departures: number; miles: number }> {
  const byOrigin = new Map<string, { departures: number; miles: number }>()
  for (const { departure: each } of events) {
    const so = byOrigin.get(each.origin) ?? { departures: 0, miles: 0 }
    byOrigin.set(each.origin, { departures: so.departures + 1, miles: so.miles + each.miles })
  }
  return byOrigin
}

/** Holds every stored cell against what may be in it. */
class Model {
  readonly #byId: ReadonlyMap<string, Event>
  readonly #held = new Map<string, ReadonlySet<string>>()

  constructor(events: readonly Event[]) {
    this.#byId = new Map(events.map((event) => [event.id, event]))
  }

  /** The groups are the fold of exactly the ids, each id is the cell's own, and none that was there has gone. */
  checkStored(address: string, bytes: Uint8Array): void {
    const cell = decodeCell(departures, address, bytes)
    const ids = new Set([...cell.active].map(textOf))
    const events = [...ids].map((id) => {
      const event = this.#byId.get(id)
      assert(event !== undefined && event.address === address, 'a cell holds an event that is not its own')
      return event
    })
    const groups = [...(cell.groups[departures.groupings.indexOf('origin')] ?? [])]
    assert.deepEqual(
      new Map(
        groups.map(([key, states]) => [
          key,
          { departures: states[departuresIndex], miles: states[milesIndex] },
        ]),
      ),
      totals(events),
      'the groups are not the fold of the ids',
    )
    for (const id of this.#held.get(address) ?? []) assert(ids.has(id), 'an event has gone from its cell')
    assert(!cell.lossy, 'a loss is noticed where there was none')
    this.#held.set(address, ids)
  }

  /** An event is acknowledged only once its invocation was told that a cell with it is stored. */
  checkAcknowledged(events: readonly Event[], told: ReadonlySet<string>): void {
    for (const { id } of events) assert(told.has(id), 'an event is acknowledged without a stored swap')
  }
}

/** Delivers a batch again and again until all of it is acknowledged, and then, now and then, once more. */
async function deliver(
  batch: readonly Event[],
  warm: WarmCells,
  world: FaultyWorld,
  model: Model,
): Promise<void> {
  let rest = batch
  let answersLost = world.random.below(2)
  for (let delivery = 1; delivery <= maximumDeliveries; delivery++) {
    const told = new Set<string>()
    const store = faultyStore(world, (address, bytes) => {
      for (const id of decodeCell(departures, address, bytes).active) told.add(textOf(id))
    })
    const records = rest.map(({ record }) => record)
    const { firstUnfinished } = await processBatch(departures, records, portsOf(world, store), warm)
    model.checkAcknowledged(rest.slice(0, firstUnfinished), told)
    if (firstUnfinished !== undefined) rest = rest.slice(firstUnfinished)
    else if (answersLost-- === 0) return
  }
  throw new Error(`a batch is not done after ${maximumDeliveries} deliveries`)
}

function portsOf({ random, scheduler }: FaultyWorld, store: CellStore): Ports {
  return {
    store,
    random,
    clock: { nowMs: () => paneStartMs, sleep: () => scheduler.turn() },
    // Some invocations have time for a few attempts only.
    deadline: { remainingMs: attempts(random.chance(0.2) ? 1 + random.below(3) : Infinity) },
    failedRecords: { writeTimeoutMs: 0, write: () => Promise.reject(new Error('nothing is to be rejected')) },
  }
}

/** Enough time, until it was asked for so often. */
function attempts(count: number): () => number {
  let asked = 0
  return () => (asked++ < count ? 60_000 : 0)
}

async function tell(seed: number, situations: Situations): Promise<void> {
  const random = new SeededRandom(seed)
  const events = drawEvents(random)
  const model = new Model(events)
  const memory = new MemoryCellStore(() => paneStartMs)
  const scheduler = new SeededScheduler(random)
  const rates = drawRates(random)
  const violations: unknown[] = []
  const world: FaultyWorld = {
    memory,
    scheduler,
    random,
    rates,
    situations,
    history: new Map(),
    onStored: (address, bytes) => {
      try {
        model.checkStored(address, bytes)
      } catch (violation) {
        violations.push(violation)
      }
    },
  }

  const instances = [new WarmCells(), new WarmCells(), new WarmCells()] as const
  const drawBatch = (): readonly Event[] =>
    Array.from({ length: 1 + random.below(12) }, () => random.pick(events))
  // More invocations than instances: some share one, as one with a zombie of an earlier one does.
  const batches = [events, ...Array.from({ length: 3 + random.below(5) }, drawBatch)]
  const deliveries = batches.map(async (batch) => {
    for (let pauses = random.below(10); pauses > 0; pauses--) await scheduler.turn()
    await deliver(batch, random.pick(instances), world, model)
  })
  const [outcomes] = await Promise.all([Promise.allSettled(deliveries), scheduler.run()])

  const failures = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  )
  const [failure] = [...violations, ...failures]
  if (failure !== undefined) throw failure
  const { rows } = await read(
    departures,
    memory,
    { nowMs: () => paneStartMs },
    {
      grouping: 'origin',
      from: paneStartMs,
      to: paneStartMs + 2 * paneMs,
    },
  )
  const counted = rows.map(({ key, windowStart, values }) => [
    windowStart,
    key,
    values.departures,
    values.miles,
  ])
  const expected = [paneStartMs, paneStartMs + paneMs].flatMap((start) => {
    const inPane = events.filter(({ departure: { at } }) => at >= start && at < start + paneMs)
    return [...totals(inPane)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, sums]) => [start, key, sums.departures, sums.miles])
  })
  assert.deepEqual(counted, expected, 'the totals are not the model’s')
}

/** `SEED=7 npx vitest run ...` tells one story alone. */
const seeds =
  process.env['SEED'] === undefined
    ? Array.from({ length: stories }, (_, seed) => seed)
    : [Number(process.env['SEED'])]

test('whatever is lost, late, stale or overlaps, every event counts exactly once and is acknowledged only then', async () => {
  const situations: Situations = {
    lost: 0,
    answerLost: 0,
    late: 0,
    stale: 0,
    staleMiss: 0,
    refused: 0,
    stored: 0,
  }
  for (const seed of seeds) {
    await tell(seed, situations).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error })
    })
  }
  const rare = Object.entries(situations).filter(([, times]) => times < leastOfEachSituation)
  expect(seeds.length === 1 ? [] : rare).toEqual([])
})
