import { describe, expect, it } from 'vitest'
import { streams } from '../../consumers/pipelines.ts'
import { stageName, stages } from '../../infra/stages.ts'
import { templateOf } from './synthesised.ts'

const dev = templateOf('dev')
const prod = templateOf('prod')
const kept = ['FlightsStream', 'OrdersTable', 'MomentoSecret']
const functions = ['FlightsFunction', 'PunctualityFunction', 'OrdersFunction']
const logs = ['FlightsLogs', 'PunctualityLogs', 'OrdersLogs']

describe('the name of a stage', () => {
  it('is dev unless another is given', () => {
    expect(stageName()).toBe('dev')
    expect(stageName('prod')).toBe('prod')
  })

  it.each(['Prod', '', 'toString', 1])('is not %j', (given) => {
    expect(() => stageName(given)).toThrow(
      `there is no stage ${JSON.stringify(given)}: give -c stage=dev or -c stage=prod`,
    )
  })
})

describe('dev', () => {
  it.each(kept)('destroys %s, which can be made again', (id) => {
    expect(dev.resource(id).DeletionPolicy).toBe('Delete')
  })

  it('has tables that go when the stack goes, without backups', () => {
    const [replica] = dev.properties('OrdersTable')['Replicas'] as unknown[]
    expect(replica).toMatchObject({
      DeletionProtectionEnabled: false,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
    })
  })

  it('keeps logs for a week', () => {
    for (const id of logs) expect(dev.properties(id)).toMatchObject({ RetentionInDays: 7 })
  })

  it('uses only types and properties that run on a laptop, which npm start shows', () => {
    const types = [...new Set(dev.types.values())]
    expect(types.filter((type) => /EC2|Alias|Version|StreamConsumer|Custom/.test(type))).toEqual([])
  })
})

describe('prod', () => {
  it.each(kept)('keeps %s when the stack is deleted', (id) => {
    expect(prod.resource(id).DeletionPolicy).toMatch(/^Retain/)
  })

  it('leaves no stream to be paid for behind a first deployment that failed', () => {
    for (const id of ['FlightsStream', 'MomentoSecret', 'FailedRecords'])
      expect(prod.resource(id).DeletionPolicy).toBe('RetainExceptOnCreate')
    // It is protected from being deleted, so the way back would fail.
    expect(prod.resource('OrdersTable').DeletionPolicy).toBe('Retain')
  })

  it('has tables that nobody deletes by mistake and that can be restored', () => {
    const [replica] = prod.properties('OrdersTable')['Replicas'] as unknown[]
    expect(replica).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
  })

  it('keeps logs for three months', () => {
    for (const id of logs) expect(prod.properties(id)).toMatchObject({ RetentionInDays: 90 })
  })
})

describe.each(Object.entries(stages))(
  '%s',
  (name, { shardCount, parallelizationFactor, reservedConcurrency }) => {
    const template = name === 'dev' ? dev : prod

    it('keeps the failed records, which are nowhere else, and its logs only as long as they are worth', () => {
      expect(template.resource('FailedRecords').DeletionPolicy).toMatch(/^Retain/)
      for (const id of logs) expect(template.resource(id).DeletionPolicy).toBe('Delete')
    })

    it('has no more shards than its pipelines have buckets', () => {
      expect(template.properties('FlightsStream')).toMatchObject({ ShardCount: shardCount })
      for (const { buckets } of streams.flatMap(({ pipelines }) => pipelines))
        expect(buckets).toBe(shardCount)
    })

    it('reserves twice as many executions as there are lanes, and maps so many', () => {
      expect(reservedConcurrency).toBe(2 * shardCount * parallelizationFactor)
      for (const id of functions)
        expect(template.properties(id)).toMatchObject({ ReservedConcurrentExecutions: reservedConcurrency })
      for (const [, { Properties }] of template.ofType('AWS::Lambda::EventSourceMapping'))
        expect(Properties).toMatchObject({ ParallelizationFactor: parallelizationFactor })
    })

    it('encrypts all that it keeps', () => {
      expect(template.properties('FlightsStream')).toMatchObject({
        StreamEncryption: { EncryptionType: 'KMS' },
      })
      const inBucket = { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
      expect(template.properties('FailedRecords')).toMatchObject({
        BucketEncryption: { ServerSideEncryptionConfiguration: [inBucket] },
      })
      // Tables, logs and secrets always are.
    })
  },
)
