import { expect, it } from 'vitest'
import {
  count,
  distinct,
  first,
  histogram,
  last,
  max,
  mean,
  min,
  quantiles,
  ratio,
  standardDeviation,
  sum,
  variance,
} from '../../../consumers/engine/pipeline.ts'
import { typicalStateBytes } from '../../../consumers/engine/typical-state.ts'

const one = (): number => 1
const measures = [
  count(),
  distinct(one),
  first(one),
  histogram(one, { bounds: [0, 10] }),
  last(one),
  max(one),
  mean(one, { decimals: 2 }),
  min(one),
  quantiles(one, { relativeError: 0.02 }),
  ratio(sum(one), count()),
  ratio(mean(one), ratio(sum(one, { decimals: 2 }), count())),
  standardDeviation(one, { sample: true }),
  sum(one, { decimals: 2 }),
  variance(one),
]

it.each(measures.map((measure) => [measure.kind, measure] as const))(
  'knows %s, and takes no state for larger than the largest',
  (_kind, measure) => {
    expect(typicalStateBytes(measure, 10)).toBeLessThan(measure.maximumStateBytes)
    expect(typicalStateBytes(measure, 10)).toBeGreaterThan(0)
    expect(typicalStateBytes(measure, 1e12)).toBeLessThanOrEqual(measure.maximumStateBytes)
  },
)

it('takes a state for as large as it may be where it does not know the measure, alone or in a ratio', () => {
  const unknown = { kind: 'median', maximumStateBytes: 1_000 }
  expect(typicalStateBytes(unknown, 10)).toBe(1_000)
  expect(typicalStateBytes({ ...unknown, kind: '["ratio","median","count"]' }, 10)).toBe(1_000)
})
