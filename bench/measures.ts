import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parquetMetadataAsync, parquetRead } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { compressors } from 'hyparquet-compressors'
import { Packr } from 'msgpackr'
import { distinct } from '../consumers/engine/measures/distinct.ts'
import type { Measure, State } from '../consumers/engine/measures/measure.ts'
import { quantiles } from '../consumers/engine/measures/quantiles.ts'

// How far the two sketches are from the truth and what they cost, per origin of the 3,000,000 departures of
// vega-datasets. `--quick` takes the first of their 11 row groups.

interface Flight {
  readonly origin: string
  readonly destination: string
  /** Route and minute of departure. */
  readonly id: string
  /** Minutes. */
  readonly delay: number
}

/** A measure's state per origin, as a cell would hold it, and what it took. */
interface Sketch<S extends State, Result> {
  readonly measure: Measure<Flight, S, Result>
  readonly states: Map<string, S>
  liftNs: number
  mergeNs: number
  /** Of each row group once more, into states that have it already. */
  repeatNs: number
}

const columns = ['date', 'origin', 'destination', 'delay']
const probabilities = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }
const occurrence = { timeMs: 0, id: [0, 0, 0] } as const
const packr = new Packr({ useRecords: false, useBigIntExtension: true })

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values

const destinations = sketch(distinct((flight: Flight) => flight.destination))
const flights = sketch(distinct((flight: Flight) => flight.id))
const delays = sketch(quantiles((flight: Flight) => flight.delay))
const exactDestinations = new Map<string, Set<string>>()
const exactFlights = new Map<string, Set<string>>()
const exactDelays = new Map<string, number[]>()

let count = 0
for await (const group of rowGroups()) {
  for (const { origin, destination, id, delay } of group) {
    entry(exactDestinations, origin, () => new Set()).add(destination)
    entry(exactFlights, origin, () => new Set()).add(id)
    entry(exactDelays, origin, () => []).push(delay)
  }
  fold(destinations, group)
  fold(flights, group)
  fold(delays, group)
  count += group.length
  console.error(`${count} flights`)
}

console.log(`${count} flights, ${exactDelays.size} origins\n`)
console.log('| what | mean error | worst error | promised |')
console.log('| --- | --- | --- | --- |')
const standardError = 'standard error 1.6 %'
reportErrors('distinct destinations', standardError, [...exactDestinations].map(distinctError(destinations)))
reportErrors('distinct flights', standardError, [...exactFlights].map(distinctError(flights)))
for (const name of ['p50', 'p90', 'p95', 'p99'] as const) {
  reportErrors(`delay, ${name}`, 'at most 1 %', [...exactDelays].map(quantileError(name)))
}
console.log('\n| what | lift | merge | merge once more | mean state | largest state |')
console.log('| --- | --- | --- | --- | --- | --- |')
reportCosts('distinct destinations', destinations)
reportCosts('distinct flights', flights)
reportCosts('delay quantiles', delays)

function sketch<S extends State, Result>(measure: Measure<Flight, S, Result>): Sketch<S, Result> {
  return { measure, states: new Map(), liftNs: 0, mergeNs: 0, repeatNs: 0 }
}

function fold<S extends State, Result>(into: Sketch<S, Result>, group: readonly Flight[]): void {
  const { measure, states } = into
  const start = cpuNs()
  const lifted = group.map((flight) => measure.lift(flight, occurrence))
  const liftEnd = cpuNs()
  for (const [index, { origin }] of group.entries()) {
    const state = lifted[index] ?? measure.empty
    states.set(origin, measure.merge(states.get(origin) ?? measure.empty, state))
  }
  const mergeEnd = cpuNs()
  for (const [index, { origin }] of group.entries()) {
    measure.merge(states.get(origin) ?? measure.empty, lifted[index] ?? measure.empty)
  }
  into.liftNs += liftEnd - start
  into.mergeNs += mergeEnd - liftEnd
  into.repeatNs += cpuNs() - mergeEnd
}

function distinctError(of: Sketch<Uint8Array, number>) {
  return ([origin, exact]: readonly [string, ReadonlySet<string>]): number =>
    Math.abs(of.measure.result(of.states.get(origin) ?? of.measure.empty) / exact.size - 1)
}

function quantileError(name: keyof typeof probabilities) {
  return ([origin, values]: readonly [string, readonly number[]]): number => {
    const sorted = Float64Array.from(values).sort()
    const exact = sorted[Math.floor(probabilities[name] * (sorted.length - 1))] ?? Number.NaN
    const state = delays.states.get(origin) ?? delays.measure.empty
    const difference = Math.abs((delays.measure.result(state)?.[name] ?? Number.NaN) - exact)
    return difference === 0 ? 0 : difference / Math.abs(exact)
  }
}

function reportErrors(what: string, promised: string, errors: readonly number[]): void {
  console.log(`| ${what} | ${percent(mean(errors))} | ${percent(Math.max(...errors))} | ${promised} |`)
}

function reportCosts<S extends State, Result>(what: string, of: Sketch<S, Result>): void {
  const times = [of.liftNs, of.mergeNs, of.repeatNs].map((ns) => `${Math.round(ns / count)} ns`)
  const bytes = [...of.states.values()].map((state) => packr.pack(state).length)
  const sizes = [mean(bytes), Math.max(...bytes)].map((size) => `${Math.round(size)} bytes`)
  console.log(`| ${[what, ...times, ...sizes].join(' | ')} |`)
}

/** The departures, a row group at a time: one of 272,727 rows is in memory at once. */
async function* rowGroups(): AsyncGenerator<readonly Flight[]> {
  const path = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  for (const { num_rows: rows } of metadata.row_groups.slice(0, quick ? 1 : undefined)) {
    const rowEnd = rowStart + Number(rows)
    const cells = new Map<string, ArrayLike<unknown>>()
    await parquetRead({
      file,
      metadata,
      compressors,
      columns,
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => cells.set(columnName, columnData),
    })
    const at = (column: string, index: number): unknown => cells.get(column)?.[index]
    yield Array.from({ length: rowEnd - rowStart }, (_, index) => {
      const origin = String(at('origin', index))
      const destination = String(at('destination', index))
      const id = `${origin}-${destination}-${Number(at('date', index))}`
      return { origin, destination, id, delay: Number(at('delay', index)) }
    })
    rowStart = rowEnd
  }
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const value = map.get(key) ?? create()
  map.set(key, value)
  return value
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0) / numbers.length
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`
}

/** CPU time of the process, collecting garbage included: what else runs on the machine does not matter much. */
function cpuNs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}
