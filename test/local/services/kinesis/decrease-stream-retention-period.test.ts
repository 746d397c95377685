import { DecreaseStreamRetentionPeriodCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestKinesis } from './start-test-kinesis.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>

beforeAll(async () => {
  kinesis = await startTestKinesis()
})
afterAll(() => kinesis.close())

test.each([
  [8760, 24, undefined],
  [48, 48, undefined],
  [
    48,
    23,
    'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
  ],
  [
    48,
    49,
    'Requested retention period (49 hours) for stream from-48-to-49 can not be longer than existing retention ' +
      'period (48 hours). Use IncreaseRetentionPeriod API.',
  ],
])('from %d to %d hours: %s', async (from, to, refusal) => {
  const stream = kinesis.streams.create(`from-${from}-to-${to}`, { shardCount: 1, retentionHours: from })
  const input = { StreamName: stream.name, RetentionPeriodHours: to }
  const call = kinesis.client.send(new DecreaseStreamRetentionPeriodCommand(input))
  if (refusal === undefined) await call
  else await expect(call).rejects.toMatchObject({ name: 'InvalidArgumentException', message: refusal })
  expect(stream.retentionHours).toBe(refusal === undefined ? to : from)
})
