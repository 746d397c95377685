import { parseArgs } from 'node:util'
import { barChart } from './bar-chart.ts'
import { Arena, type Contestant } from './contestants.ts'
import type { PeerName, SampleRequest } from './contestant.ts'
import { median, publish, rounded, type Row } from './results.ts'

// What the whole handler costs, from the Lambda event to the answer, beside what no handler can do without and beside
// other ways to count. Every handler is a process of its own, and they take turns, so that all have the same noise.

const seed = 20260101
const batchSizes = [10_000, 1_000, 100]
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const fastRecords = quick ? 10_000 : 20_000
/** What is made of Momento's client a record takes half a millisecond: fewer records tell as much. */
const sampleRecords: Record<PeerName, number> = {
  floor: fastRecords,
  streamtally: fastRecords,
  tumbling: fastRecords,
  setIfAbsent: 1_000,
  powertools: 1_000,
}
const labels: Record<PeerName, string> = {
  floor: 'base64 and JSON alone',
  streamtally: 'streamtally',
  tumbling: 'tumbling window, no ids',
  setIfAbsent: 'set if absent, increment',
  powertools: 'Powertools, increment',
}
const peerNames: readonly PeerName[] = ['floor', 'streamtally', 'tumbling', 'setIfAbsent', 'powertools']
/** No handler is given records of more minutes. */
const minutesEach = 10
/** Of two panes, so that each size has filled the same cells. */
const heapRecords = 120_000
const heapSampleRecords = 10_000

const rounds = quick ? 5 : 7
const warmUpRounds = quick ? 4 : 2
const groupCounts = quick ? [100] : [100, 10_000]

/** CPU of a record in microseconds, by peer and batch size: the middle one of the rounds. */
type Costs = Readonly<Record<PeerName, ReadonlyMap<number, number>>>

let opened = 0
const arena = await Arena.open()
const tables: Row[][] = []
const costsByGroups = new Map<number, Costs>()
try {
  for (const groups of groupCounts) {
    const { costs, rows } = await measure(groups)
    costsByGroups.set(groups, costs)
    tables.push(rows)
  }
  const heapBytes = { at1000: await heapAt(1_000), at10000: await heapAt(10_000) }
  await report(heapBytes)
} finally {
  await arena.close()
}

async function measure(groups: number): Promise<{ costs: Costs; rows: Row[] }> {
  const contestants = new Map<PeerName, Contestant>()
  for (const peer of peerNames) contestants.set(peer, await open(peer, groups))
  const costs = recordOf(() => new Map<number, number>())
  const rows: Row[] = []
  for (const batchRecords of batchSizes) {
    const samples = recordOf(() => ({ cpuUs: [] as number[], wallUs: [] as number[] }))
    for (let round = -warmUpRounds; round < rounds; round++) {
      for (const [peer, contestant] of contestants) {
        const request = requestOf(peer, batchRecords)
        // A batch that is larger than a sample takes half a minute: once.
        if (request === undefined || (sampleRecords[peer] < batchRecords && round !== 0)) continue
        const { cpuUs, wallMs } = await contestant.take(request)
        const records = request.batches * request.batchRecords
        if (round < 0) continue
        samples[peer].cpuUs.push(cpuUs / records)
        samples[peer].wallUs.push((1_000 * wallMs) / records)
      }
      console.error(`${groups} groups, batches of ${batchRecords}, round ${round + 1} of ${rounds}`)
    }
    for (const peer of peerNames) {
      const cpuUs = median(samples[peer].cpuUs)
      if (Number.isNaN(cpuUs)) continue
      costs[peer].set(batchRecords, cpuUs)
      rows.push({
        groups,
        batch: batchRecords,
        handler: peer,
        'CPU a record, us': rounded(cpuUs),
        'records/s on one core': Math.round(1e6 / cpuUs),
        'times the floor': rounded(cpuUs / (costs.floor.get(batchRecords) ?? Number.NaN)),
        'wall a record, us': rounded(median(samples[peer].wallUs)),
      })
    }
  }
  for (const contestant of contestants.values()) contestant.close()
  return { costs, rows }
}

function recordOf<T>(make: () => T): Record<PeerName, T> {
  return { floor: make(), streamtally: make(), tumbling: make(), setIfAbsent: make(), powertools: make() }
}

/** Slow peers are asked for large batches only where there is time. */
function requestOf(peer: PeerName, batchRecords: number): SampleRequest | undefined {
  const records = sampleRecords[peer]
  if (quick && records < 10_000 && batchRecords !== 1_000) return undefined
  // Powertools begins all records of a batch at once: of 30,000 requests some pass any deadline.
  if (peer === 'powertools' && batchRecords > records) return undefined
  return { batches: Math.max(1, records / batchRecords), batchRecords }
}

async function open(peer: PeerName, campaigns: number): Promise<Contestant> {
  // Each has events of its own, in minutes of its own: nobody's are duplicates of another's, nor in another's cells.
  opened++
  const fromMs = (Math.floor(Date.now() / 60_000) + opened * minutesEach) * 60_000
  return arena.contestant({ peer, campaigns, seed: seed + opened, fromMs })
}

/** In use after a collection, by a handler that has had so many records in batches of that size. */
async function heapAt(batchRecords: number): Promise<number> {
  const contestant = await open('streamtally', 100)
  let heapBytes = 0
  for (let taken = 0; taken < heapRecords; taken += heapSampleRecords) {
    const batches = heapSampleRecords / batchRecords
    const sample = await contestant.take({ batches, batchRecords, isHeapAsked: true })
    heapBytes = sample.heapBytes
  }
  contestant.close()
  return heapBytes
}

async function report(heapBytes: { readonly at1000: number; readonly at10000: number }): Promise<void> {
  const ratios = {
    overFloorAt10000: overFloor(10_000),
    overFloorAt1000: overFloor(1_000),
    overFloorAt100: overFloor(100),
    timesSetIfAbsentIncrementAt1000: timesOurs('setIfAbsent'),
    timesPowertoolsAt1000: timesOurs('powertools'),
    timesTumblingAt1000: timesOurs('tumbling'),
  }
  await publish({
    name: 'handler',
    question:
      'How many records a second does the whole handler count on one core, and at what cost a record?',
    isQuick: quick,
    seed,
    tables,
    figures: {
      ratios,
      heapAfterCollectionBytes: { ...heapBytes, ratio: rounded(heapBytes.at10000 / heapBytes.at1000, 4) },
    },
    doesNotShow: [
      'the network, and a Momento that is further away than this machine: a batch waits for it, and a lane waits with it',
      'the parse of the invocation by Lambda’s runtime, which every handler has before it begins',
      'Lambda’s own processors, and what they give to a function of less than one core’s memory',
      'a cold start, another lane at the same cells, or lost answers: those are benchmarks of their own',
      'that the tumbling window counts what a producer repeats twice, and that the floor counts nothing',
    ],
    plot: barChart({
      title: 'Records a second on one core, batches of 1,000, 100 groups',
      xLabel: 'records/s',
      isLogarithmic: true,
      bars: peerNames.map((peer) => ({ label: labels[peer], value: 1e6 / costAt(peer, 1_000) })),
    }),
  })
}

/** CPU of a record at 100 groups, microseconds. */
function costAt(peer: PeerName, batchRecords: number): number {
  return costsByGroups.get(100)?.[peer].get(batchRecords) ?? Number.NaN
}

function overFloor(batchRecords: number): number {
  return rounded(costAt('streamtally', batchRecords) / costAt('floor', batchRecords))
}

function timesOurs(peer: PeerName): number {
  return rounded(costAt(peer, 1_000) / costAt('streamtally', 1_000))
}
