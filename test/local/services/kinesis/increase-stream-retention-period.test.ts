import { IncreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

test.each([
  [24, 8760, undefined],
  [48, 48, undefined],
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
    'Requested retention period (47 hours) for stream from-48-to-47 can not be shorter than existing retention ' +
      'period (48 hours). Use DecreaseRetentionPeriod API.',
  ],
])('from %d to %d hours: %s', async (from, to, refusal) => {
  const stream = kinesis.streams.create(`from-${from}-to-${to}`, { shardCount: 1, retentionHours: from })
  const input = { StreamName: stream.name, RetentionPeriodHours: to }
  const call = kinesis.client.send(new IncreaseStreamRetentionPeriodCommand(input))
  if (refusal === undefined) await call
  else await expect(call).rejects.toMatchObject({ name: 'InvalidArgumentException', message: refusal })
  expect(stream.retentionHours).toBe(refusal === undefined ? to : from)
})
