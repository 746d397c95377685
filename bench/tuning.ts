import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { cellLimits } from '../consumers/engine/cell.ts'
import { type BacklogCosts, workOff } from '../infra/tuning/backlog.ts'
import { foldedShare } from '../infra/tuning/lane.ts'
import { type BacklogOptions, type DrainedBacklog, startFlights } from './flights-backlog.ts'

// Whether the tuning's model tells how fast a backlog is worked off, at factors 1, 2 and 5. What CPU a batch, a record and a
// request take is measured with other batches, some of them at factor 5; how many requests a batch makes, and how long
// it all takes, is foretold.

const factors = [1, 2, 5]
const batchSize = 200
/** Momento is at hand first, where the cores decide, and then far away, where lanes wait for each other as in AWS. */
const farMs = 100
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const records = quick ? 40_000 : 100_000
const cores = availableParallelism()
/** What differs between them tells the costs apart: batches of few records, of many, and of many requests. */
const fitted: readonly BacklogOptions[] = [
  { records: 20_000, factor: 1, batchSize: 50 },
  { records: 40_000, factor: 1, batchSize: 400 },
  { records: 40_000, factor: Math.max(...factors), batchSize: 100 },
]
/** Small batches in all environments and then large ones, until their code is compiled, more or less. */
const small = { records: 20_000, factor: Math.max(...factors), batchSize: 10 }
const large = { records: 50_000, factor: Math.max(...factors), batchSize: 200 }
const warmUps: readonly BacklogOptions[] = quick
  ? [small, small, large]
  : [small, small, small, small, large, large, { ...large, factor: 1 }]

type Flights = Awaited<ReturnType<typeof startFlights>>

/** Batches, records as often as they were worked on, requests, and the milliseconds of CPU that they took. */
type Equation = readonly [batches: number, records: number, requests: number, cpuMs: number]

async function drainFitted(flights: Flights): Promise<Equation[]> {
  const equations: Equation[] = []
  for (const options of fitted) {
    const { batches, requests, conflicts, cpuMs } = await flights.drain(options)
    const foldedAgain = (foldedShare * conflicts) / batches
    equations.push([batches, options.records * (1 + foldedAgain), requests, cpuMs])
  }
  return equations
}

/** By least squares of what each equation is off by, in proportion. */
function costsOf(equations: readonly Equation[]): Omit<BacklogCosts, 'waitMs'> {
  const shares = equations.map((equation) => equation.slice(0, 3).map((count) => count / equation[3]))
  const normal = [0, 1, 2].map((row) => {
    const sum = (value: (share: readonly number[]) => number): number =>
      shares.reduce((total, share) => total + (share[row] ?? 0) * value(share), 0)
    return [...[0, 1, 2].map((column) => sum((share) => share[column] ?? 0)), sum(() => 1)]
  })
  const costs = solve(normal)
  const [batchMs = Number.NaN, recordMs = Number.NaN, requestMs = Number.NaN] = costs
  const offBy = shares.map((share) =>
    Math.abs(share.reduce((sum, count, at) => sum + count * (costs[at] ?? 0), 0) - 1),
  )
  const [batch, record, request] = costs.map((ms) => ms.toFixed(3))
  console.log(
    `CPU: ${batch} ms a batch, ${record} ms a record, ${request} ms a request; ` +
      `an equation is off by ${Math.round(100 * Math.max(...offBy))} % at most`,
  )
  if (!(Math.min(batchMs, recordMs, requestMs) >= 0))
    throw new Error('a cost is below zero: the machine is too busy')
  return { batchMs, recordMs: recordMs * (1 - foldedShare), foldMs: recordMs * foldedShare, requestMs }
}

/** The unknowns of as many linear equations, each of which ends with its right side (Gauss and Jordan's elimination). */
function solve(equations: readonly (readonly number[])[]): number[] {
  let rows = equations.map((row) => [...row])
  for (const column of rows.keys()) {
    const pivot = rows[column]?.map((value) => value / (rows[column]?.[column] ?? 0)) ?? []
    rows = rows.map((row, index) =>
      index === column ? pivot : row.map((value, at) => value - (row[column] ?? 0) * (pivot[at] ?? 0)),
    )
  }
  return rows.map((row) => row.at(-1) ?? 0)
}

interface Outcome {
  readonly recordsPerSecond: number
  readonly requestsPerBatch: number
  /** Of a record, in microseconds. */
  readonly cpuUs: number
}

function outcome(durationMs: number, cpuMs: number, batches: number, requests: number): Outcome {
  return {
    recordsPerSecond: (records * 1_000) / durationMs,
    requestsPerBatch: requests / batches,
    cpuUs: (cpuMs * 1_000) / records,
  }
}

function foretell(costs: BacklogCosts, factor: number, shards: DrainedBacklog['shards']): Outcome {
  const played = workOff({ costs, factor, batchSize, shards, cores, activeIds: cellLimits.activeIds })
  return outcome(played.durationMs, played.workedMs, played.batches, played.requests)
}

function rowOf(factor: number, foretold: Outcome, measured: Outcome): string {
  const cells = (name: keyof Outcome, digits: number): string[] => [
    foretold[name].toLocaleString('en', { maximumFractionDigits: digits }),
    measured[name].toLocaleString('en', { maximumFractionDigits: digits }),
    `${Math.round(100 * (foretold[name] / measured[name] - 1))} %`,
  ]
  const columns = [...cells('recordsPerSecond', 0), ...cells('requestsPerBatch', 1), ...cells('cpuUs', 0)]
  return `| ${[factor, ...columns].join(' | ')} |`
}

function table(drained: readonly DrainedBacklog[], costs: BacklogCosts): string {
  const rows = drained.map(({ seconds, cpuMs, batches, requests, shards }, index) => {
    const factor = factors[index] ?? 0
    return rowOf(factor, foretell(costs, factor, shards), outcome(seconds * 1_000, cpuMs, batches, requests))
  })
  return [
    `\nMomento's answers come after ${costs.waitMs} ms\n`,
    '| factor | records/s, foretold | measured | off by | requests a batch, foretold | measured | off by | CPU, us a record, foretold | measured | off by |',
    `|${' --- |'.repeat(10)}`,
    ...rows,
  ].join('\n')
}

const flights = await startFlights()

async function drain(factor: number): Promise<DrainedBacklog> {
  const drained = await flights.drain({ records, factor, batchSize, isIntoEmptyCells: true })
  console.error(`factor ${factor}: ${drained.seconds} s, ${drained.freeCores.toFixed(1)} cores were free`)
  return drained
}

try {
  console.log(`4 shards, ${records} departures, batches of ${batchSize}, ${cores} cores`)
  for (const warmUp of warmUps) await flights.drain(warmUp)
  // Before and after each factor, so that they are of the same minutes.
  const equations = await drainFitted(flights)
  const near: DrainedBacklog[] = []
  for (const factor of factors) {
    near.push(await drain(factor))
    equations.push(...(await drainFitted(flights)))
  }
  const costs = costsOf(equations)
  console.log(table(near, { ...costs, waitMs: 0 }))

  flights.delayMomento(farMs)
  const far: DrainedBacklog[] = []
  for (const factor of factors) far.push(await drain(factor))
  console.log(table(far, { ...costs, waitMs: farMs }))
} finally {
  await flights.close()
}
