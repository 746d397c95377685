import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { kinesisOperations, startKinesisServer } from '../local/services/kinesis/server.ts'
import { KinesisStreams } from '../local/services/kinesis/streams.ts'

// How many records a second the local Kinesis takes from real SDK clients as its stream fills, and how long it takes to
// read 10,000 of them. Clients are processes of their own, as producers are.

const streamName = 'flights'
const shardCount = 4
const recordBytes = 200
const callRecords = 500
const callsAtOnce = 4
const clientCount = 2
const totalRecords = 1_000_000
const quickRecords = 200_000
const reads = 50

const { quick, endpoint } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, endpoint: { type: 'string' } },
}).values

if (endpoint === undefined) await measure(quick ? quickRecords : totalRecords)
else await put(endpoint)

/** Fills a stream by quarters and prints a row for each. */
async function measure(records: number): Promise<void> {
  const streams = new KinesisStreams({
    region: 'eu-west-1',
    accountId: '000000000000',
    nowMs: () => Date.now(),
  })
  streams.create(streamName, { shardCount })
  const server = await startKinesisServer(streams)
  const clients = Array.from({ length: clientCount }, () =>
    fork(import.meta.filename, ['--endpoint', server.endpoint], {
      // The SDK warns of Node 20 in every process.
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    }),
  )
  await Promise.all(clients.map((client) => once(client, 'message')))
  console.log(`${clientCount} clients, ${callRecords} records a call, ${recordBytes} bytes a record\n`)
  console.log('| records in the stream | records/s in | 10,000 records out, median | memory |')
  console.log('| --- | --- | --- | --- |')
  for (let quarter = 1; quarter <= 4; quarter += 1) {
    const startMs = performance.now()
    const calls = records / 4 / callRecords / clientCount
    for (const client of clients) client.send(calls)
    await Promise.all(clients.map((client) => once(client, 'message')))
    const seconds = (performance.now() - startMs) / 1000
    const { heapUsed, external } = process.memoryUsage()
    const row = [
      ((quarter * records) / 4).toLocaleString('en'),
      Math.round(records / 4 / seconds).toLocaleString('en'),
      `${medianReadMs(streams).toFixed(1)} ms`,
      `${Math.round((heapUsed + external) / 2 ** 20)} MiB`,
    ]
    console.log(`| ${row.join(' | ')} |`)
  }
  for (const client of clients) client.disconnect()
  await server.close()
}

/** Of one call of GetRecords within the process, as a mapping makes it, at the beginning of a shard. */
function medianReadMs(streams: KinesisStreams): number {
  const { GetShardIterator, GetRecords } = kinesisOperations(streams)
  const place = { StreamName: streamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }
  const iterator = GetShardIterator?.(place)
  const timesMs = Array.from({ length: reads }, () => {
    const startMs = performance.now()
    GetRecords?.(iterator)
    return performance.now() - startMs
  })
  return timesMs.sort((a, b) => a - b)[reads / 2] ?? Number.NaN
}

/** A client: makes as many calls as the parent says, each time that it says so. */
async function put(serverEndpoint: string): Promise<void> {
  const client = new KinesisClient({
    endpoint: serverEndpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  })
  let key = 0
  process.on('message', (calls: number) => {
    void run(calls)
  })
  process.on('disconnect', () => client.destroy())
  process.send?.('ready')

  async function run(calls: number): Promise<void> {
    let left = calls
    const lane = async (): Promise<void> => {
      while (left-- > 0) {
        const records = Array.from({ length: callRecords }, () => ({
          PartitionKey: `key-${key++}`,
          Data: new Uint8Array(recordBytes),
        }))
        const { FailedRecordCount } = await client.send(
          new PutRecordsCommand({ StreamName: streamName, Records: records }),
        )
        if (FailedRecordCount !== 0) throw new Error(`${FailedRecordCount} records were refused`)
      }
    }
    await Promise.all(Array.from({ length: callsAtOnce }, lane))
    process.send?.('done')
  }
}
