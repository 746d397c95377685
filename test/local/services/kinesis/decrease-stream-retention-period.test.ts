import { DecreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

function change(StreamName: string, RetentionPeriodHours: number) {
  return kinesis.client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours }))
}

test.each([
  [8760, 24],
  [48, 48],
])('from %d to %d hours', async (from, to) => {
  const stream = kinesis.streams.create(`from-${from}-to-${to}`, { shardCount: 1, retentionHours: from })
  await change(stream.name, to)
  expect(stream.retentionHours).toBe(to)
})

test.each([
  [
    48,
    23,
    'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
  ],
  [
    48,
    49,
    'Requested retention period (49 hours) for stream refused-48-49 can not be longer than existing retention ' +
      'period (48 hours). Use IncreaseRetentionPeriod API.',
  ],
])('not from %d to %d hours: %s', async (from, to, message) => {
  const stream = kinesis.streams.create(`refused-${from}-${to}`, { shardCount: 1, retentionHours: from })
  await expect(change(stream.name, to)).rejects.toMatchObject({ name: 'InvalidArgumentException', message })
  expect(stream.retentionHours).toBe(from)
})
