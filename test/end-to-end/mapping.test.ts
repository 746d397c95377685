import { MergeShardsCommand, SplitShardCommand, UpdateShardCountCommand } from '@aws-sdk/client-kinesis'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { DiscardedBatch } from '../../local/event-source-mapping/discarded-batch.ts'
import { reportFailuresTo } from '../../local/failure-destinations.ts'
import { startS3AndSqs } from '../../local/services/s3-and-sqs.ts'
import { batchesOf, startWorld } from './mapping-world.ts'

const ids = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}` }))
/** Many keys, so that all lanes have some. */
const spread = (prefix: string, count: number) =>
  ids(prefix, count).map((order, index) => ({ ...order, key: `key-${index % 50}` }))
const objectKey =
  /^aws\/lambda\/0b1c2d3e-0000-4000-8000-000000000000\/shardId-000000000000\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/
const onceNumbered = (batches: readonly (readonly string[])[]) => [...new Set(batches.flat())]

describe('a function that fails', () => {
  test('and throws has its batch halved down to the record that did it, which alone is given up', async () => {
    const discarded: DiscardedBatch[] = []
    const world = await startWorld(
      { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 },
      { onDiscard: (batch) => discarded.push(batch) },
    )
    await world.put([{ id: 'a' }, { id: 'b', does: 'throw' }, { id: 'c' }, { id: 'd' }])
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['b'], ['c', 'd']])
    expect(discarded).toMatchObject([
      {
        approximateInvokeCount: 2,
        failure: { reason: 'function-error', errorType: 'Error', errorMessage: 'as ordered' },
      },
    ])
  })

  test.each([
    ['exit', 'Runtime.ExitError'],
    ['hang', 'Sandbox.Timedout'],
  ] as const)(
    'and has to %s is tried again in another process, under the same request id',
    async (ending, errorType) => {
      const discarded: DiscardedBatch[] = []
      const world = await startWorld(
        { maximumRetryAttempts: 1 },
        { onDiscard: (batch) => discarded.push(batch) },
        { timeoutMs: 1_000 },
      )
      await world.put([{ id: 'a', does: ending }])
      world.mapping.start()
      await world.mapping.drained()
      expect(batchesOf(world)).toEqual([['a'], ['a']])
      expect(new Set(world.calls().map(({ requestId }) => requestId)).size).toBe(1)
      expect(world.lambda.stats()).toMatchObject({ coldStarts: 1, errors: 2 })
      expect(discarded).toMatchObject([{ failure: { reason: 'function-error', errorType } }])
    },
  )

  test('and reports a record has it and all behind it again, and at last goes on behind them', async () => {
    const world = await startWorld({ maximumRetryAttempts: 1, batchSize: 4 })
    await world.put([{ id: 'a' }, { id: 'b' }, { id: 'c', does: 'report' }, { id: 'd' }, { id: 'e' }])
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a', 'b', 'c', 'd'], ['c', 'd'], ['c', 'd'], ['e']])
  })

  test('and reports while the mapping does not listen has succeeded', async () => {
    const world = await startWorld({ reportBatchItemFailures: false })
    await world.put([{ id: 'a', does: 'report' }])
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a']])
  })

  test('for want of concurrency costs no retry, and gives up nothing', async () => {
    const world = await startWorld(
      { maximumRetryAttempts: 0, parallelizationFactor: 2, batchSize: 50 },
      {},
      { reservedConcurrency: 1 },
    )
    await world.put(spread('slow', 50))
    world.mapping.start()
    await world.mapping.drained()
    expect(onceNumbered(batchesOf(world))).toHaveLength(50)
    expect(batchesOf(world).flat()).toHaveLength(50)
    expect(world.lambda.stats().throttles).toBeGreaterThan(0)
    expect(world.mapping.stats().eventCounts.DroppedEventCount).toBe(0)
  })
})

describe('what is given up', () => {
  test.each(['bucket', 'queue'] as const)('is told to a %s, as AWS tells it', async (kind) => {
    const services = await startS3AndSqs({ buckets: ['failed'], queues: [{ name: 'failed' }] })
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const options = { endpoint: services.endpoint, region: 'us-east-1', credentials }
    const [s3, sqs] = [new S3Client(options), new SQSClient(options)]
    onTestFinished(async () => {
      s3.destroy()
      sqs.destroy()
      await services.close()
    })
    const report = { services, nowMs: Date.now, createUuid: () => '99999999-8888-4777-8666-555555555555' }
    const reportFailure = reportFailuresTo({ kind, name: 'failed' }, report)
    const world = await startWorld({ maximumRetryAttempts: 0 }, { reportFailure })
    await world.put([{ id: 'a', does: 'throw' }, { id: 'b' }])
    world.mapping.start()
    await world.mapping.drained()

    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'failed' }))
    const QueueUrl = `${services.endpoint}/000000000000/failed`
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    const keys = Contents.map(({ Key }) => Key)
    expect(keys).toHaveLength(kind === 'bucket' ? 1 : 0)
    expect(keys.filter((key = '') => !objectKey.test(key))).toEqual([])
    expect(Messages).toHaveLength(kind === 'queue' ? 1 : 0)
    const object =
      kind === 'bucket' ? await s3.send(new GetObjectCommand({ Bucket: 'failed', Key: keys[0] })) : undefined
    const text = (await object?.Body?.transformToString()) ?? Messages[0]?.Body ?? ''
    const document: unknown = JSON.parse(text)
    expect(document).toMatchObject({
      requestContext: {
        requestId: world.calls()[0]?.requestId,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      KinesisBatchInfo: { shardId: 'shardId-000000000000', batchSize: 2, streamArn: world.streamArn },
    })
    expect(text.includes('"payload"')).toBe(kind === 'bucket')
    expect(world.mapping.stats().eventCounts.OnFailureDestinationDeliveredEventCount).toBe(2)
  })
})

describe('a stream whose shards change', () => {
  const halfway = String(2n ** 127n)

  test('is followed through splits and merges; each key keeps its order', async () => {
    const world = await startWorld({ batchSize: 7 })
    world.mapping.start()
    const { client, streamArn: StreamARN } = world
    await world.put(spread('1-', 100))
    const split = { StreamARN, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: halfway }
    await client.send(new SplitShardCommand(split))
    await world.put(spread('2-', 100))
    const [ShardToMerge, AdjacentShardToMerge] = ['shardId-000000000001', 'shardId-000000000002']
    await client.send(new MergeShardsCommand({ StreamARN, ShardToMerge, AdjacentShardToMerge }))
    await world.put(spread('3-', 100))
    const scaling = { StreamARN, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' } as const
    await client.send(new UpdateShardCountCommand(scaling))
    await world.put(spread('4-', 100))
    await world.mapping.drained()
    const delivered = batchesOf(world).flat()
    expect(delivered).toHaveLength(400)
    for (let key = 0; key < 50; key += 1) {
      const ofKey = delivered.filter((id) => Number(id.split('-')[1]) % 50 === key)
      const expected = [1, 2, 3, 4].flatMap((round) => [`${round}-${key}`, `${round}-${key + 50}`])
      expect(ofKey).toEqual(expected)
    }
  })
})

describe('the parallelization factor', () => {
  test('is how many processes work on a shard, and may change meanwhile', async () => {
    const world = await startWorld({ batchSize: 5 })
    await world.put(spread('slow', 400))
    world.mapping.start()
    await world.mapping.update({ parallelizationFactor: 3 })
    await world.mapping.drained()
    expect(world.lambda.stats().environments.peak).toBe(3)
    expect(batchesOf(world).flat()).toHaveLength(400)
    for (let key = 0; key < 50; key += 1) {
      const numbers = batchesOf(world)
        .flat()
        .map((id) => Number(id.slice('slow'.length)))
      const ofKey = numbers.filter((number) => number % 50 === key)
      expect(ofKey).toEqual(ofKey.toSorted((a, b) => a - b))
    }
  })
})

describe('settings that decide what is delivered', () => {
  test('filters leave out what they do not match', async () => {
    const world = await startWorld({ filterPatterns: ['{"data":{"id":[{"prefix":"a"}]}}'] })
    await world.put([{ id: 'a1' }, { id: 'b1' }, { id: 'a2' }])
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a1', 'a2']])
  })

  test('a tumbling window is closed by the end of its shard, with the state of all its calls', async () => {
    const world = await startWorld({ tumblingWindowMs: 900_000, batchSize: 1 })
    await world.put([{ id: 'a' }, { id: 'b' }])
    world.mapping.start()
    await world.mapping.drained()
    const split = { StreamARN: world.streamArn, ShardToSplit: 'shardId-000000000000' }
    await world.client.send(new SplitShardCommand({ ...split, NewStartingHashKey: String(2n ** 127n) }))
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a'], ['b'], []])
    expect(world.mapping.checkpoints()['shardId-000000000000']).toEqual({ place: 'SHARD_END' })
  })

  test('disabled it delivers nothing, enabled again it goes on where it was', async () => {
    const world = await startWorld()
    world.mapping.start()
    await world.put([{ id: 'a' }])
    await world.mapping.drained()
    await world.mapping.stop()
    await world.put([{ id: 'b' }])
    expect(batchesOf(world)).toEqual([['a']])
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world)).toEqual([['a'], ['b']])
  })

  test('a batch is cut before its event is over 6 MB', async () => {
    const world = await startWorld()
    await world.put(
      Array.from({ length: 8 }, (_, index) => ({ id: String(index), padding: 'x'.repeat(1_000_000) })),
    )
    world.mapping.start()
    await world.mapping.drained()
    expect(batchesOf(world).map(({ length }) => length)).toEqual([4, 4])
  })
})
