import { expectTypeOf, test } from 'vitest'
import { count } from '../../../../consumers/engine/measures/count.ts'
import { max } from '../../../../consumers/engine/measures/extremes.ts'
import { first, last } from '../../../../consumers/engine/measures/first-last.ts'
import { histogram, type HistogramBucket } from '../../../../consumers/engine/measures/histogram.ts'
import { mean } from '../../../../consumers/engine/measures/mean.ts'
import type {
  AnyMeasure,
  AnyRetractableMeasure,
  Measure,
} from '../../../../consumers/engine/measures/measure.ts'
import { ratio } from '../../../../consumers/engine/measures/ratio.ts'
import { sum } from '../../../../consumers/engine/measures/sum.ts'
import { variance } from '../../../../consumers/engine/measures/variance.ts'

interface Flight {
  readonly origin: string
  readonly distance: number
  readonly price: string
}

/** Infers measures as `definePipeline` does. */
function define<Event, const M extends Readonly<Record<string, AnyMeasure<Event>>>>(
  _schema: (json: unknown) => Event,
  { measures }: { readonly measures: M },
): M {
  return measures
}

/** The same where events can be taken back. */
function defineRetractable<Event, const M extends Readonly<Record<string, AnyRetractableMeasure<Event>>>>(
  _schema: (json: unknown) => Event,
  { measures }: { readonly measures: M },
): M {
  return measures
}

const flight = (json: unknown): Flight => json as Flight

type ResultOf<M> = M extends Measure<never, infer _State, infer Result, string> ? Result : never
type OnOf<M> = M extends { readonly on?: readonly (infer On)[] | undefined } ? On : never

const measures = define(flight, {
  measures: {
    departures: count(),
    distance: sum((f) => f.distance, { on: ['origin'] }),
    far: sum((f) => f.distance, { where: (f) => f.distance > 1_000 }),
    revenue: sum((f) => f.price, { decimals: 2, on: ['origin', 'route'] }),
    meanPrice: mean((f) => f.price, { decimals: 2 }),
    longest: max((f) => f.distance),
    spread: variance((f) => f.distance, { sample: true }),
    firstOrigin: first((f) => f.origin),
    lastDistance: last((f) => f.distance, { on: ['route'] }),
    distances: histogram((f) => f.distance, { bounds: [100, 1_000] }),
    perMile: ratio(
      sum((f) => f.price, { decimals: 2 }),
      sum((f) => f.distance),
      { on: ['origin'] },
    ),
    share: ratio(
      max((f) => f.distance),
      count({ where: (f) => f.distance > 0 }),
    ),
  },
})

test('results are typed as they are read', () => {
  type M = typeof measures
  expectTypeOf<ResultOf<M['departures']>>().toEqualTypeOf<number>()
  expectTypeOf<ResultOf<M['distance']>>().toEqualTypeOf<number | bigint>()
  expectTypeOf<ResultOf<M['far']>>().toEqualTypeOf<number | bigint>()
  expectTypeOf<ResultOf<M['revenue']>>().toEqualTypeOf<number | `${number}`>()
  expectTypeOf<ResultOf<M['meanPrice']>>().toEqualTypeOf<number | undefined>()
  expectTypeOf<ResultOf<M['firstOrigin']>>().toEqualTypeOf<string | undefined>()
  expectTypeOf<ResultOf<M['lastDistance']>>().toEqualTypeOf<number | undefined>()
  expectTypeOf<ResultOf<M['distances']>>().toEqualTypeOf<readonly HistogramBucket[]>()
  expectTypeOf<ResultOf<M['perMile']>>().toEqualTypeOf<number | undefined>()
})

test('groupings are inferred by name', () => {
  type M = typeof measures
  expectTypeOf<OnOf<M['distance']>>().toEqualTypeOf<'origin'>()
  expectTypeOf<OnOf<M['revenue']>>().toEqualTypeOf<'origin' | 'route'>()
  expectTypeOf<OnOf<M['lastDistance']>>().toEqualTypeOf<'route'>()
  expectTypeOf<OnOf<M['perMile']>>().toEqualTypeOf<'origin'>()
  expectTypeOf<OnOf<M['departures']>>().toEqualTypeOf<never>()
  expectTypeOf<OnOf<M['far']>>().toEqualTypeOf<never>()
  expectTypeOf<OnOf<M['share']>>().toEqualTypeOf<never>()
})

test('a ratio is retractable exactly where both of its measures are', () => {
  const { perMile } = defineRetractable(flight, {
    measures: {
      perMile: ratio(
        sum((f) => f.distance),
        count(),
      ),
    },
  })
  expectTypeOf(perMile).toExtend<AnyRetractableMeasure<Flight>>()
  expectTypeOf(measures.perMile).toExtend<AnyRetractableMeasure<Flight>>()
  expectTypeOf(measures.share).not.toExtend<AnyRetractableMeasure<Flight>>()
  expectTypeOf(measures.longest).not.toExtend<AnyRetractableMeasure<Flight>>()
})

test('a ratio takes neither texts nor measures with groupings of their own', () => {
  const text = first((f: Flight) => f.origin)
  const narrow = sum((f: Flight) => f.distance, { on: ['origin'] })
  type Dividable = Parameters<typeof ratio<Flight>>[0]
  expectTypeOf(text).not.toExtend<Dividable>()
  expectTypeOf(narrow).not.toExtend<Dividable>()
  expectTypeOf(sum((f: Flight) => f.distance)).toExtend<Dividable>()
})
