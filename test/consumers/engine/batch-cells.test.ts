import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressIn, bucketIn, newBatchCells } from '../../../consumers/engine/batch-cells.ts'
import { cellAddress } from '../../../consumers/engine/cell.ts'
import { bucketOf } from '../../../consumers/engine/identity.ts'
import { flights } from '../../../consumers/flights/pipeline.ts'
import { punctuality } from '../../../consumers/punctuality/pipeline.ts'

test('a batch finds the same buckets as without it, however often a key comes and however many buckets there are', () => {
  const cells = newBatchCells()
  const keys = fc.constantFrom('JFK', 'LAX', '', 'é', '__proto__')
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 1_024 }), (key, buckets) => {
      expect(bucketIn(cells, key, buckets)).toBe(bucketOf(key, buckets))
    }),
  )
})

test('a batch finds the same addresses as without it, of all its pipelines, panes and buckets', () => {
  const cells = newBatchCells()
  const pipelines = fc.constantFrom(flights, punctuality)
  const panes = fc.constantFrom(0, 60_000, 1_800_000_000_000)
  fc.assert(
    fc.property(pipelines, panes, fc.integer({ min: 0, max: 5 }), (pipeline, pane, bucket) => {
      expect(addressIn(cells, pipeline, pane, bucket)).toBe(cellAddress(pipeline, pane, bucket))
    }),
  )
})
