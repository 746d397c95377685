import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { backlogStretchOf } from '../infra/tuning/lane.ts'
import { fitServiceTimes, type ServiceTimes } from '../infra/tuning/service-times.ts'
import { flightsRepeatShare as repeatShare } from '../infra/tuning/workload.ts'
import { type DrainedBacklog, startFlights } from './flights-backlog.ts'

// Whether the tuning's model tells how fast a backlog is worked off: what a batch takes, of time and of CPU, is measured
// at factor 1, and from it the throughput at factors 1, 2 and 5 is foretold and compared with what it is.

const factors = [1, 2, 5]
const batchSize = 200
/** Sizes of batches that tell the fixed part from that of each record. */
const fittedSizes = [100, 200, 300]
const fittedRecords = 6_000
/** Momento's answers at once, when the cores decide, and so late that the lanes do. */
const delaysMs = [0, 50]
/** What a batch takes at factor 1, in milliseconds of time and of CPU, and the cores that there were for it. */
interface Costs {
  readonly times: ServiceTimes
  readonly cpuBatchMs: number
  readonly cpuRecordMs: number
  readonly freeCores: number
}

/** Of backlogs of as many records, in small batches first and in large ones last. */
function costsOf(backlogs: readonly DrainedBacklog[]): Costs {
  const [small, large] = [backlogs[0], backlogs.at(-1)]
  if (small === undefined || large === undefined) throw new Error('nothing was fitted')
  const batches = small.invocations.length - large.invocations.length
  const cpuBatchMs = Math.max(0, (small.cpuMs - large.cpuMs) / batches)
  return {
    times: fitServiceTimes(backlogs.flatMap(({ invocations }) => invocations)),
    cpuBatchMs,
    cpuRecordMs: (large.cpuMs - cpuBatchMs * large.invocations.length) / fittedRecords,
    freeCores: backlogs.reduce((sum, one) => sum + one.freeCores, 0) / backlogs.length,
  }
}

function batchesOf(records: number): number {
  return Math.ceil(records / batchSize)
}

/** The fullest lane ends last, unless the cores have not done the work of all by then. */
function foretell(costs: Costs, lanes: readonly number[], factor: number) {
  const { times, cpuBatchMs, cpuRecordMs } = costs
  const stretch = backlogStretchOf({ factor, repeatShare })
  const timeOf = (records: number): number => batchesOf(records) * times.batchMs + records * times.recordMs
  const cpuOf = (records: number): number => batchesOf(records) * cpuBatchMs + records * cpuRecordMs
  const laneMs = Math.max(...lanes.map(timeOf)) * stretch
  const cpuMs = lanes.map(cpuOf).reduce((sum, one) => sum + one, 0) * stretch
  const coresMs = cpuMs / availableParallelism()
  return {
    seconds: Math.max(laneMs, coresMs) / 1_000,
    decidedBy: laneMs > coresMs ? 'lanes' : 'cores',
    cpuMs,
  }
}

interface Row {
  readonly factor: number
  readonly foretold: number
  readonly decidedBy: string
  readonly measured: number
  readonly requests: number
  /** CPU a record, in microseconds: what else runs on the machine hardly changes it. */
  readonly cpu: { readonly foretold: number; readonly measured: number }
}

type Flights = Awaited<ReturnType<typeof startFlights>>

/** The costs at factor 1, and right after them each factor: so both see the machine in the same state. */
async function round(flights: Flights, records: number): Promise<{ costs: Costs; rows: Row[] }> {
  const fitted: DrainedBacklog[] = []
  for (const size of fittedSizes)
    fitted.push(await flights.drain({ records: fittedRecords, factor: 1, batchSize: size }))
  const costs = costsOf(fitted)
  const rows: Row[] = []
  for (const factor of factors) {
    const { seconds, cpuMs, lanes, invocations } = await flights.drain({ records, factor, batchSize })
    const foretold = foretell(costs, lanes, factor)
    const requests = invocations.reduce((sum, one) => sum + one.storeRequests, 0) / invocations.length
    rows.push({
      factor,
      foretold: records / foretold.seconds,
      decidedBy: foretold.decidedBy,
      measured: records / seconds,
      requests,
      cpu: { foretold: (foretold.cpuMs * 1_000) / records, measured: (cpuMs * 1_000) / records },
    })
  }
  return { costs, rows }
}

/** The round in the middle, by how far it is off: another may have met something else that runs on the machine. */
function middle(rows: readonly Row[]): Row | undefined {
  const error = ({ foretold, measured }: Row): number => foretold / measured
  return rows.toSorted((a, b) => error(a) - error(b))[Math.floor(rows.length / 2)]
}

function offBy({ foretold, measured }: { readonly foretold: number; readonly measured: number }): string {
  return `${Math.round(100 * (foretold / measured - 1))} %`
}

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const rounds = quick ? 1 : 3
const records = quick ? 6_000 : 12_000
const flights = await startFlights()
try {
  console.log(
    `4 shards, ${records} departures, batches of ${batchSize}, ${availableParallelism()} cores, the middle of ${rounds} rounds\n`,
  )
  await flights.drain({ records: 2 * records, factor: Math.max(...factors), batchSize })
  for (const delayMs of delaysMs) {
    flights.delayMomento(delayMs)
    const measured: { costs: Costs; rows: Row[] }[] = []
    for (let number = 0; number < rounds; number += 1) {
      measured.push(await round(flights, records))
      const { times, cpuBatchMs, cpuRecordMs, freeCores } = measured.at(-1)?.costs ?? costsOf([])
      console.log(
        `Momento answers after ${delayMs} ms; at factor 1 a batch takes ${times.batchMs.toFixed(1)} ms and ${times.recordMs.toFixed(3)} ms a record, ` +
          `of CPU ${cpuBatchMs.toFixed(1)} ms and ${cpuRecordMs.toFixed(3)} ms, and ${freeCores.toFixed(1)} cores are free`,
      )
    }
    console.log(
      '\n| factor | foretold, records/s | decided by | measured, records/s | off by | CPU foretold, us a record | measured | off by | requests a batch |',
    )
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |')
    for (const factor of factors) {
      const row = middle(measured.flatMap(({ rows }) => rows.filter((one) => one.factor === factor)))
      if (row === undefined) continue
      const cells = [
        factor,
        Math.round(row.foretold).toLocaleString('en'),
        row.decidedBy,
        Math.round(row.measured).toLocaleString('en'),
        offBy(row),
        Math.round(row.cpu.foretold),
        Math.round(row.cpu.measured),
        offBy(row.cpu),
        row.requests.toFixed(1),
      ]
      console.log(`| ${cells.join(' | ')} |`)
    }
    console.log()
  }
} finally {
  await flights.close()
}
