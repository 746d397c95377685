import { KinesisClient } from '@aws-sdk/client-kinesis'
import { startKinesisServer } from '../../../../local/services/kinesis/server.ts'
import { KinesisStreams } from '../../../../local/services/kinesis/streams.ts'

export const REGION = 'eu-west-1'
export const ACCOUNT_ID = '123456789012'
export const START_MS = 1_700_000_000_000

/** A server, a real client of it that does not retry, and a clock that stands still until told. */
export async function startTestKinesis() {
  const clock = { nowMs: START_MS }
  const streams = new KinesisStreams({ region: REGION, accountId: ACCOUNT_ID, nowMs: () => clock.nowMs })
  const server = await startKinesisServer(streams)
  const client = new KinesisClient({
    endpoint: server.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  return {
    clock,
    streams,
    client,
    endpoint: server.endpoint,
    close: async () => {
      client.destroy()
      await server.close()
    },
  }
}

/** Bytes of a text, as a record's data. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
