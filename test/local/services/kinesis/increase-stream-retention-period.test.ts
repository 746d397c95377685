import { IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function change(StreamName: string, RetentionPeriodHours: number) {
  return kinesis.client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }))
}

test.each([
  [24, 8760],
  [48, 48],
])('from %d to %d hours', async (from, to) => {
  const stream = kinesis.streams.create(`from-${from}-to-${to}`, { shardCount: 1, retentionHours: from })
  await change(stream.name, to)
  expect(stream.retentionHours).toBe(to)
})

test.each([
  [
    24,
    23,
    'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
  ],
  [
    24,
    8761,
    'Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.',
  ],
  [
    48,
    47,
    'Requested retention period (47 hours) for stream refused-48-47 can not be shorter than existing retention ' +
      'period (48 hours). Use DecreaseRetentionPeriod API.',
  ],
])('not from %d to %d hours: %s', async (from, to, message) => {
  const stream = kinesis.streams.create(`refused-${from}-${to}`, { shardCount: 1, retentionHours: from })
  await expect(change(stream.name, to)).rejects.toMatchObject({ name: 'InvalidArgumentException', message })
  expect(stream.retentionHours).toBe(from)
})
