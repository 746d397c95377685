import { parseArgs } from 'node:util'
import { Packr } from 'msgpackr'
import { distinct } from '../consumers/engine/measures/distinct.ts'
import { histogram } from '../consumers/engine/measures/histogram.ts'
import type { AnyMeasure, Measure, State } from '../consumers/engine/measures/measure.ts'
import { quantiles } from '../consumers/engine/measures/quantiles.ts'
import { ratio } from '../consumers/engine/measures/ratio.ts'
import { variance } from '../consumers/engine/measures/variance.ts'
import { count, first, max, mean, sum } from '../consumers/engine/pipeline.ts'
import { barChart } from './bar-chart.ts'
import { type Departure, departureGroups } from './departures.ts'
import { publish, rounded, type Row } from './results.ts'

// What each measure costs an event and a group, and how far the two sketches are from the truth, per origin of the
// 3,000,000 departures of vega-datasets. `--quick` takes the first of their 11 row groups.

/** A measure's state per origin, as a cell would hold it, and what it took. */
interface Folded<S extends State, Result> {
  readonly measure: Measure<Departure, S, Result, string>
  readonly states: Map<string, S>
  liftNs: number
  mergeNs: number
}

const delay = (departure: Departure): number => departure.delay
const probabilities = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 }
const occurrence = { timeMs: 0, id: [0, 0, 0] } as const
const packr = new Packr({ useRecords: false, useBigIntExtension: true })
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values

const destinations = folded(distinct((departure: Departure) => departure.destination))
const flights = folded(distinct((departure: Departure) => departure.id))
const delays = folded(quantiles(delay))
const simple: Readonly<Record<string, AnyMeasure<Departure>>> = {
  count: count(),
  sum: sum(delay),
  max: max(delay),
  mean: mean(delay),
  variance: variance(delay),
  ratio: ratio(count({ where: (departure: Departure) => departure.delay > 15 }), count()),
  first: first(delay),
  'histogram of 8 buckets': histogram(delay, { bounds: [0, 5, 15, 30, 60, 120, 240] }),
}
const exactDestinations = new Map<string, Set<string>>()
const exactFlights = new Map<string, Set<string>>()
const exactDelays = new Map<string, number[]>()
const simples = Object.entries(simple).map(([name, measure]) => ({ name, of: folded(measure) }))

let events = 0
for await (const group of departureGroups(quick ? 1 : undefined)) {
  for (const { origin, destination, id, delay: minutes } of group) {
    entry(exactDestinations, origin, () => new Set()).add(destination)
    entry(exactFlights, origin, () => new Set()).add(id)
    entry(exactDelays, origin, () => []).push(minutes)
  }
  for (const { of } of simples) fold(of, group)
  fold(destinations, group)
  fold(flights, group)
  fold(delays, group)
  events += group.length
  console.error(`${events} departures`)
}

const standardError = 'standard error 1.6 %'
const costs = [
  ...simples.map(({ name, of }) => cost(name, of)),
  cost('distinct destinations', destinations),
  cost('distinct flights', flights),
  cost('quantiles', delays),
]
const errors = [
  errorRow('distinct destinations', standardError, [...exactDestinations].map(distinctError(destinations))),
  errorRow('distinct flights', standardError, [...exactFlights].map(distinctError(flights))),
  ...(['p50', 'p90', 'p95', 'p99'] as const).map((name) =>
    errorRow(`delay, ${name}`, 'at most 1 %', [...exactDelays].map(quantileError(name))),
  ),
]
await publish({
  name: 'measures',
  question: `What does each measure cost, and how wrong are the sketches, of ${events} departures in ${exactDelays.size} groups?`,
  isQuick: quick,
  seed: 0,
  tables: [costs, errors],
  doesNotShow: [
    'several measures in one cell: their costs add up, and so do their bytes',
    'values of another kind: a sketch’s error depends on how values are spread',
    'the fold around the measures, which looks up the id and the group of each event',
  ],
  plot: barChart({
    title: 'CPU an update, lift and merge',
    xLabel: 'ns',
    isLogarithmic: true,
    bars: costs.map((row) => ({
      label: String(row['measure']),
      value: Number(row['lift, ns']) + Number(row['merge, ns']),
    })),
  }),
})

function folded<S extends State, Result>(measure: Measure<Departure, S, Result, string>): Folded<S, Result> {
  return { measure, states: new Map(), liftNs: 0, mergeNs: 0 }
}

function fold<S extends State, Result>(into: Folded<S, Result>, group: readonly Departure[]): void {
  const { measure, states } = into
  const start = cpuNs()
  const lifted = group.map((departure) => measure.lift(departure, occurrence))
  const liftEnd = cpuNs()
  for (const [index, { origin }] of group.entries()) {
    const state = lifted[index] ?? measure.empty
    states.set(origin, measure.merge(states.get(origin) ?? measure.empty, state))
  }
  into.liftNs += liftEnd - start
  into.mergeNs += cpuNs() - liftEnd
}

function distinctError(of: Folded<Uint8Array, number>) {
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

function errorRow(what: string, promised: string, each: readonly number[]): Row {
  return { what, 'mean error': percent(average(each)), 'worst error': percent(Math.max(...each)), promised }
}

function cost<S extends State, Result>(name: string, of: Folded<S, Result>): Row {
  const bytes = [...of.states.values()].map((state) => packr.pack(state).length)
  return {
    measure: name,
    'lift, ns': rounded(of.liftNs / events),
    'merge, ns': rounded(of.mergeNs / events),
    'bytes of state, mean': Math.round(average(bytes)),
    'bytes of state, largest': Math.max(...bytes),
  }
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  const value = map.get(key) ?? create()
  map.set(key, value)
  return value
}

function average(numbers: readonly number[]): number {
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
