import { expect, it } from 'vitest'
import type { DiscardedBatch } from '../../../../local/event-source-mapping/discarded-batch.ts'
import { createWorld, numbersOf, OK, SHARD, THROWN } from '../world.ts'

/** Time enough for any number of retries that these tests wait for. */
const LONG_MS = 600_000

it('D1 a batch that is given up is one report, however many records it has', async () => {
  const world = createWorld({ maximumRetryAttempts: 0 }, ({ sequenceNumbers }) =>
    sequenceNumbers.includes('7') ? THROWN : OK,
  )
  const put = world.put(12)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.discarded.map(numbersOf)).toEqual([put.slice(0, 10)])
})

it('D1 each half that is given up is a report of its own', async () => {
  const world = createWorld({ maximumRetryAttempts: 0, bisectBatchOnFunctionError: true }, () => THROWN)
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.discarded.map(numbersOf)).toEqual([['7'], ['8'], ['9']])
})

it('D2 a report says the shard, the attempts, and the event as it was sent', async () => {
  const world = createWorld({ maximumRetryAttempts: 1 }, () => THROWN)
  world.put(2)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.discarded).toMatchObject([
    {
      mappingUuid: '0b1c2d3e-0000-4000-8000-000000000000',
      shardId: SHARD,
      reason: 'retries-exhausted',
      approximateInvokeCount: 2,
      payload: world.invocations[0]?.payload,
      failure: { reason: 'function-error', errorMessage: 'thrown by the function' },
    },
  ])
})

it('D3 the shard goes on when the report is made, and not before', async () => {
  const made: (() => void)[] = []
  const reports: DiscardedBatch[] = []
  const world = createWorld(
    { maximumRetryAttempts: 0, batchSize: 1 },
    ({ sequenceNumbers }) => (sequenceNumbers.includes('7') ? THROWN : OK),
    {
      reportFailure: (discarded) => {
        reports.push(discarded)
        return new Promise((resolve) => {
          made.push(resolve)
        })
      },
    },
  )
  world.put(2)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(reports).toHaveLength(1)
  expect(world.batches()).toEqual([['7']])
  expect(world.mapping.checkpoints()).toEqual({ [SHARD]: { place: { at: 'TRIM_HORIZON' } } })
  made[0]?.()
  await world.clock.settle()
  expect(world.batches()).toEqual([['7'], ['8']])
  expect(world.mapping.checkpoints()).toEqual({
    [SHARD]: { place: { at: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '8' } },
  })
})

it('D4 counts are of records: delivered to the destination', async () => {
  const world = createWorld({ maximumRetryAttempts: 0 }, () => THROWN, {
    reportFailure: async () => undefined,
  })
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.mapping.stats()).toMatchObject({
    destinationDeliveryFailures: 0,
    eventCounts: {
      OnFailureDestinationDeliveredEventCount: 3,
      DroppedEventCount: 0,
      FailedInvokeEventCount: 3,
    },
  })
})

it('D4 or dropped, where there is no destination', async () => {
  const world = createWorld({ maximumRetryAttempts: 0 }, () => THROWN)
  world.put(3)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  expect(world.mapping.stats()).toMatchObject({
    destinationDeliveryFailures: 0,
    eventCounts: { OnFailureDestinationDeliveredEventCount: 0, DroppedEventCount: 3 },
  })
})

it('D5 a destination that does not take the report costs its records, and holds up nothing', async () => {
  const denied = new Error('not authorized to perform s3:PutObject')
  let isDenied = true
  const taken: string[][] = []
  const world = createWorld(
    { maximumRetryAttempts: 0, batchSize: 1 },
    ({ sequenceNumbers }) => (sequenceNumbers.includes('9') ? OK : THROWN),
    {
      reportFailure: async (discarded) => {
        if (isDenied) throw denied
        taken.push(numbersOf(discarded))
      },
    },
  )
  world.put(1)
  world.mapping.start()
  await world.clock.advance(LONG_MS)
  isDenied = false
  world.put(2)
  await world.clock.advance(LONG_MS)
  expect(taken).toEqual([['8']])
  expect(world.batches()).toEqual([['7'], ['8'], ['9']])
  expect(world.errors).toEqual([denied])
  expect(world.mapping.stats()).toMatchObject({
    destinationDeliveryFailures: 1,
    eventCounts: { OnFailureDestinationDeliveredEventCount: 1, DroppedEventCount: 1 },
  })
})
