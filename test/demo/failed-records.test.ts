import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { s3FailedRecords } from '../../consumers/adapters/failed-records.ts'
import type { RejectedRecord } from '../../consumers/engine/ports.ts'
import { findRejects, type FoundReject, missingRejects } from '../../demo/failed-records.ts'
import { type S3AndSqs, startS3AndSqs } from '../../local/services/s3-and-sqs.ts'
import { localAws } from '../run-script.ts'

function rejectWith(reject: Partial<FoundReject> = {}): FoundReject {
  return { reason: 'not-json', position: 'shardId-000000000000 1', data: 'w4k=', ...reject }
}

const sent = new Map([
  ['shardId-000000000000 1', 'w4k='],
  ['shardId-000000000000 2', 'AAA='],
])
const asSent = [rejectWith(), rejectWith({ position: 'shardId-000000000000 2', data: 'AAA=' })]

describe('missingRejects', () => {
  it('finds nothing where each unreadable record is in the bucket whole, even after two deliveries', () => {
    expect(missingRejects(asSent, sent)).toEqual([])
    expect(missingRejects([...asSent, rejectWith()], sent)).toEqual([])
  })

  it.each([
    [
      'a record that is not there',
      asSent.slice(0, 1),
      'unreadable record shardId-000000000000 2: not in the failed-records bucket',
    ],
    [
      'other bytes',
      [rejectWith({ data: 'w4o=' }), ...asSent.slice(1)],
      'unreadable record shardId-000000000000 1: its bytes changed',
    ],
    [
      'no reason',
      [rejectWith({ reason: '' }), ...asSent.slice(1)],
      'unreadable record shardId-000000000000 1: in the bucket without a reason',
    ],
    [
      'a readable record that was rejected',
      [...asSent, rejectWith({ position: 'shardId-000000000001 9', reason: 'late' })],
      'record shardId-000000000001 9: rejected as late, though it was readable',
    ],
  ])('finds %s', (_what, rejects, line) => {
    expect(missingRejects(rejects, sent)).toEqual([line])
  })
})

function rejectedBy(sequenceNumber: string): RejectedRecord {
  return {
    reason: 'not-json',
    detail: 'the payload is not JSON',
    position: { stream: 'arn:flights', shard: 'shardId-000000000000', sequenceNumber },
    raw: { kinesis: { data: 'w4k=' } },
  }
}

describe('findRejects', () => {
  let s3: S3AndSqs

  beforeAll(async () => {
    s3 = await startS3AndSqs({ buckets: ['failed', 'empty'] })
    for (const [name, value] of Object.entries({ ...localAws, AWS_ENDPOINT_URL_S3: s3.endpoint }))
      vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await s3.close()
  })

  it('reads what the function of a pipeline wrote, all objects and all lines, and nothing of another one', async () => {
    const target = { bucket: 'failed', pipeline: 'flights', requestId: 'request' }
    const failedRecords = s3FailedRecords(target, () => 0)
    await failedRecords.write([rejectedBy('1'), rejectedBy('2')])
    await failedRecords.write([rejectedBy('3')])
    await s3FailedRecords({ ...target, pipeline: 'flights-too' }, () => 0).write([rejectedBy('4')])
    const environment = { ...localAws, AWS_ENDPOINT_URL_S3: s3.endpoint }
    const found = await findRejects('failed', 'flights', environment)
    const positions = found.map(({ position }) => position).sort()
    expect(positions).toEqual(['1', '2', '3'].map((number) => `shardId-000000000000 ${number}`))
    expect(found).toContainEqual(rejectWith())
    expect(await findRejects('failed', 'flights-too', environment)).toHaveLength(1)
    expect(await findRejects('empty', 'flights', environment)).toEqual([])
  })
})
