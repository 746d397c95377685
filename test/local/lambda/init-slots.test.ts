import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { takeInitSlot } from '../../../local/lambda/init-slots.ts'

test('no more initialise at once than there are cores; one that is done lets the longest waiting in, once', async () => {
  const slots = await Promise.all(Array.from({ length: availableParallelism() }, () => takeInitSlot()))
  const order: string[] = []
  const first = takeInitSlot().then((giveBack) => (order.push('first'), giveBack))
  const second = takeInitSlot().then((giveBack) => (order.push('second'), giveBack))
  await Promise.resolve()
  expect(order).toEqual([])

  slots[0]?.()
  slots[0]?.()
  const giveFirstBack = await first
  expect(order).toEqual(['first'])

  giveFirstBack()
  const giveSecondBack = await second
  expect(order).toEqual(['first', 'second'])
  for (const giveBack of [giveSecondBack, ...slots]) giveBack()
})
