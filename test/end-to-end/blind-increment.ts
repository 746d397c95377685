import { CacheIncrement } from '@gomomento/sdk'
import { MomentoClients } from '../../consumers/adapters/momento-clients.ts'
import { fetchMomentoCredentials } from '../../consumers/adapters/secrets.ts'
import { kinesisRecords } from '../../consumers/sources/kinesis.ts'

/**
 * The control: what people write first. It counts a batch's departures with one increment; where that fails the batch
 * fails, and is delivered again.
 */
const cacheName = process.env['MOMENTO_CACHE_NAME'] ?? ''
const clients = new MomentoClients(() => fetchMomentoCredentials(process.env['MOMENTO_SECRET_ARN'] ?? ''))
const ttlSeconds = 3_600

export const handler = async (event: unknown): Promise<{ batchItemFailures: [] }> => {
  const departures = kinesisRecords(event).filter(
    (record) => 'partitionKey' in record && !record.partitionKey.startsWith('garbage'),
  )
  const client = await clients.get('balanced')
  const answer = await client.increment(cacheName, 'blind', departures.length, { ttl: ttlSeconds })
  if (answer instanceof CacheIncrement.Error) throw new Error(`not incremented: ${answer.errorCode()}`)
  return { batchItemFailures: [] }
}
