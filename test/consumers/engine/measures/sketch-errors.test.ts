import { beforeAll, describe, expect, test } from 'vitest'
import { distinct } from '../../../../consumers/engine/measures/distinct.ts'
import { quantiles } from '../../../../consumers/engine/measures/quantiles.ts'
import { type Departure, departures } from '../../../../producers/lib/departures.ts'
import { total } from './sketch-laws.ts'

// The sketches on real departures; `bench/measures.ts` takes all of them and prints the errors.

const maximumDepartures = 40_000
const probabilities = { p0: 0, p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p100: 1 }

describe('of each origin of real departures', () => {
  let origins: readonly (readonly Departure[])[]

  beforeAll(async () => {
    const { value = [] } = await departures().next()
    const taken = (value as readonly Departure[]).slice(0, maximumDepartures)
    const names = new Set(taken.map((departure) => departure.origin))
    origins = [...names].map((name) => taken.filter((departure) => departure.origin === name))
  })

  test.each([0.01, 0.05])('the quantiles of the delay are within %d of the exact ones', (relativeError) => {
    const measure = quantiles((departure: Departure) => departure.delay, { relativeError, probabilities })
    const broken = origins.flatMap((ofOrigin) => {
      const sorted = ofOrigin.map((departure) => departure.delay).toSorted((a, b) => a - b)
      const result = measure.result(total(measure, ofOrigin))
      return Object.entries(probabilities).filter(([name, probability]) => {
        const exact = sorted[Math.floor(probability * (sorted.length - 1))] ?? Number.NaN
        const read = result?.[name as keyof typeof probabilities] ?? Number.NaN
        return !(Math.abs(read - exact) <= relativeError * Math.abs(exact))
      })
    })
    expect(origins.length).toBeGreaterThan(150)
    expect(broken).toEqual([])
  })

  test.each([8, 12])('distinct departures are within four standard errors with precision %i', (precision) => {
    const measure = distinct((departure: Departure) => departure.row, { precision })
    const standardError = 1.04 / Math.sqrt(2 ** precision)
    const errors = origins.map((ofOrigin) => measure.result(total(measure, ofOrigin)) / ofOrigin.length - 1)
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * standardError)
    // Some are estimates indeed.
    expect(errors.filter((error) => error !== 0).length).toBeGreaterThan(10)
  })

  test('few distinct destinations are exact', () => {
    const measure = distinct((departure: Departure) => departure.destination)
    for (const ofOrigin of origins) {
      const exact = new Set(ofOrigin.map((departure) => departure.destination)).size
      expect(measure.result(total(measure, ofOrigin))).toBe(exact)
    }
  })
})
