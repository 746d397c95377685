import * as fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { type Metric, metricKey } from '../../../../local/services/cloudwatch/metric.ts'

const text = fc.constantFrom('', 'a', 'b', ',', '"', '[', '=')
const metric: fc.Arbitrary<Metric> = fc.record({
  namespace: text,
  name: text,
  dimensions: fc.dictionary(text, text, { maxKeys: 3 }),
})

it('is the same for the same metric alone', () => {
  fc.assert(
    fc.property(metric, metric, (one, other) => {
      expect(metricKey(one) === metricKey(other)).toBe(isDeepStrictEqual({ ...one }, { ...other }))
    }),
  )
})

it('does not depend on the order of the dimensions', () => {
  fc.assert(
    fc.property(metric, (one) => {
      const dimensions = Object.fromEntries(Object.entries(one.dimensions).toReversed())
      expect(metricKey({ ...one, dimensions })).toBe(metricKey(one))
    }),
  )
})
