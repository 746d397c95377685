import { expect, it } from 'vitest'
import { orderSchema } from '../../../consumers/orders/event.ts'
import { orders } from '../../../consumers/orders/pipeline.ts'
import { orderLines } from '../../../producers/lib/order-lines.ts'

it('are the 9,994 lines of the data set, in the order of their Row ID', async () => {
  const lines = await orderLines()
  expect(lines).toHaveLength(9_994)
  expect(lines[0]).toEqual({
    orderId: 'CA-2016-152156',
    region: 'South',
    category: 'Furniture',
    quantity: 2,
    sales: 261.96,
    profit: 41.9136,
  })
  expect(new Set(lines.map(({ orderId }) => orderId)).size).toBe(5_009)
  expect(lines.filter(({ profit }) => profit < 0)).toHaveLength(1_871)
})

it('can all be counted: none has more decimals than the pipeline sums', async () => {
  const position = { stream: 'stream', shard: 'shard', sequenceNumber: '1' }
  const arrival = { position, partitionKey: 'line', arrivalMs: 0 }
  for (const line of await orderLines()) {
    const order = orderSchema.parse({ ...line, lineId: 'line', status: 'placed' })
    expect(orders.evaluate({ new: order }, arrival).contribute()).toBeDefined()
  }
})
