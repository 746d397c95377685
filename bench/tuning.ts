import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { backlogIntervalMs, backlogRepeats } from '../infra/tuning/lane.ts'
import { fitServiceTimes, type ServiceTimes } from '../infra/tuning/service-times.ts'
import { type DrainedBacklog, startFlights } from './flights-backlog.ts'

// Whether the tuning's model tells how fast a backlog is worked off: what a batch takes, of time, of CPU and of requests, is
// measured at factor 1, and from that alone follows what is foretold at factors 1, 2 and 5, before it is measured.

const factors = [1, 2, 5]
const batchSize = 200
/** Sizes of batches that tell the fixed part from that of each record. */
const fittedSizes = [100, 200, 300]
const fittedRecords = 9_000
/** Momento far away, when lanes wait as they do in AWS, and at hand, when they are in each other's way on the cores. */
const delaysMs = [100, 0]

/** What a batch takes at factor 1, in milliseconds of time and of CPU. */
interface Costs {
  readonly times: ServiceTimes
  readonly cpuBatchMs: number
  readonly cpuRecordMs: number
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
  }
}

function batchesOf(records: number): number {
  return Math.ceil(records / batchSize)
}

/** When the last lane of a shard has ended: lanes with less end sooner, and the others have less company from then on. */
function shardMs({ batchMs, recordMs }: ServiceTimes, lanes: readonly number[]): number {
  const batches = lanes.map(batchesOf).toSorted((a, b) => a - b)
  return batches.reduce((sum, count, index) => {
    const factor = lanes.length - index
    const stored = factor * (count - (batches[index - 1] ?? 0))
    return sum + stored * backlogIntervalMs({ factor, batchMs, recordMs, batchSize })
  }, 0)
}

/** The fullest shard ends last, unless the cores have not done the work of all by then. */
function foretell(costs: Costs, shards: readonly (readonly number[])[]) {
  const { times, cpuBatchMs, cpuRecordMs } = costs
  const lanes = shards.flat()
  const repeats = backlogRepeats(lanes.length / shards.length)
  const cpuMs = lanes.reduce(
    (sum, records) => sum + batchesOf(records) * cpuBatchMs * (1 + repeats) + records * cpuRecordMs,
    0,
  )
  const lanesMs = Math.max(...shards.map((each) => shardMs(times, each)))
  const coresMs = cpuMs / availableParallelism()
  return {
    ms: Math.max(lanesMs, coresMs),
    decidedBy: lanesMs > coresMs ? 'lanes' : 'cores',
    cpuMs,
    requests: times.requestsPerBatch + 2 * repeats,
  }
}

interface Compared {
  readonly foretold: number
  readonly measured: number
}

interface Row {
  readonly factor: number
  readonly decidedBy: string
  readonly recordsPerSecond: Compared
  readonly requestsPerBatch: Compared
  /** CPU of a record, in microseconds. */
  readonly cpu: Compared
}

type Flights = Awaited<ReturnType<typeof startFlights>>

/** The costs at factor 1, and right after them each factor: so both see the machine in the same state. */
async function measure(flights: Flights, records: number): Promise<Row[]> {
  const fitted: DrainedBacklog[] = []
  for (const size of fittedSizes)
    fitted.push(await flights.drain({ records: fittedRecords, factor: 1, batchSize: size }))
  const costs = costsOf(fitted)
  const { times } = costs
  const freeCores = fitted.reduce((sum, one) => sum + one.freeCores, 0) / fitted.length
  console.log(
    `at factor 1 a batch takes ${times.batchMs.toFixed(1)} ms and ${times.recordMs.toFixed(3)} ms a record, ` +
      `of CPU ${costs.cpuBatchMs.toFixed(1)} ms and ${costs.cpuRecordMs.toFixed(3)} ms, and ${freeCores.toFixed(1)} cores are free`,
  )
  const rows: Row[] = []
  for (const factor of factors) {
    const { seconds, cpuMs, shards, invocations } = await flights.drain({ records, factor, batchSize })
    const foretold = foretell(costs, shards)
    const requests = invocations.reduce((sum, one) => sum + one.storeRequests, 0) / invocations.length
    const microseconds = (ms: number): number => (ms * 1_000) / records
    rows.push({
      factor,
      decidedBy: foretold.decidedBy,
      recordsPerSecond: { foretold: (records * 1_000) / foretold.ms, measured: records / seconds },
      requestsPerBatch: { foretold: foretold.requests, measured: requests },
      cpu: { foretold: microseconds(foretold.cpuMs), measured: microseconds(cpuMs) },
    })
  }
  return rows
}

function inCells({ foretold, measured }: Compared, digits: number): string[] {
  const text = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: digits })
  return [text(foretold), text(measured), `${Math.round(100 * (foretold / measured - 1))} %`]
}

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const records = quick ? 20_000 : 100_000
const warmUp = { records: 40_000, factor: Math.max(...factors), batchSize: 50 }
const flights = await startFlights()
try {
  console.log(`4 shards, ${records} departures, batches of ${batchSize}, ${availableParallelism()} cores`)
  await flights.drain(warmUp)
  for (const delayMs of delaysMs) {
    console.log(`\nMomento's answers come after ${delayMs} ms`)
    flights.delayMomento(delayMs)
    const rows = await measure(flights, records)
    console.log(
      '\n| factor | decided by | records/s, foretold | measured | off by | requests a batch, foretold | measured | off by | CPU, us a record, foretold | measured | off by |',
    )
    console.log(`|${' --- |'.repeat(11)}`)
    for (const { factor, decidedBy, recordsPerSecond, requestsPerBatch, cpu } of rows) {
      const cells = [
        factor,
        decidedBy,
        ...inCells(recordsPerSecond, 0),
        ...inCells(requestsPerBatch, 1),
        ...inCells(cpu, 0),
      ]
      console.log(`| ${cells.join(' | ')} |`)
    }
  }
} finally {
  await flights.close()
}
