import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { onTestFinished } from 'vitest'
import { MetricStore } from '../../../../local/services/cloudwatch/metric-store.ts'
import { startCloudWatchServer } from '../../../../local/services/cloudwatch/server.ts'

/** A whole minute. */
export const START_MS = 1_700_000_040_000
export const MINUTE_MS = 60_000

/** A server without metrics, a real client of it that does not retry, and a clock that stands still until told. */
export async function startTestCloudWatch() {
  const clock = { nowMs: START_MS }
  const nowMs = () => clock.nowMs
  const store = new MetricStore({ nowMs })
  const server = await startCloudWatchServer({ store, nowMs })
  const client = new CloudWatchClient({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    client.destroy()
    await server.close()
  })
  /** Adds a value of the metric of that name, so many ms after the start; the clock follows. */
  const add = (
    name: string,
    value: number,
    {
      afterMs = 0,
      dimensions = {},
      unit = 'Count',
      namespace = 'Test',
    }: {
      readonly afterMs?: number
      readonly dimensions?: Readonly<Record<string, string>>
      readonly unit?: string
      readonly namespace?: string
    } = {},
  ): void => {
    clock.nowMs = Math.max(clock.nowMs, START_MS + afterMs)
    store.add({ namespace, name, dimensions }, { value, unit, timestampMs: START_MS + afterMs })
  }
  return { clock, store, client, endpoint: server.endpoint, add }
}
