import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { onTestFinished } from 'vitest'
import { LogGroups } from '../../../../local/services/logs/log-groups.ts'
import { startLogsServer } from '../../../../local/services/logs/server.ts'

export const START_MS = 1_700_000_000_000
export const GROUP = '/aws/lambda/tally'

/** A server with one group, a real client of it that does not retry, and a clock that stands still until told. */
export async function startTestLogs() {
  const clock = { nowMs: START_MS }
  const groups = new LogGroups({ region: 'eu-west-1', accountId: '123456789012', nowMs: () => clock.nowMs })
  groups.create(GROUP)
  const server = await startLogsServer(groups)
  const client = new CloudWatchLogsClient({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  onTestFinished(async () => {
    client.destroy()
    await server.close()
  })
  /** Adds a message to a stream, so many ms after the start. */
  const add = (streamName: string, afterMs: number, message: string): void =>
    groups.add(GROUP, streamName, START_MS + afterMs, message)
  return { clock, groups, client, endpoint: server.endpoint, add }
}
