import { describe, expect, it } from 'vitest'
import { flights } from '../../../consumers/flights/pipeline.ts'
import { orders } from '../../../consumers/orders/pipeline.ts'
import { punctuality } from '../../../consumers/punctuality/pipeline.ts'
import { checkMapping, type PlannedMapping } from '../../../infra/constructs/mapping-rules.ts'

const pipeline = {
  name: 'page-views',
  maximumRecordAgeMs: 3_600_000,
  longestInvocationMs: 60_000,
  retentionMs: 200_000,
  retentionMarginMs: 70_000,
  retracts: false,
}
const stream = { kind: 'stream', shardCount: 4 } as const
const table = { kind: 'table', viewType: 'NEW_AND_OLD_IMAGES' } as const
const changes = { pipeline: { ...pipeline, retracts: true }, source: table }
const pattern = '{"data":{"country":["CH"]}}'

function check(differing: Partial<PlannedMapping>): () => void {
  return () =>
    checkMapping({
      pipeline,
      source: stream,
      parallelizationFactor: 1,
      batchSize: 1_000,
      batchingWindowMs: 1_000,
      timeoutMs: 30_000,
      tumblingWindowMs: 0,
      filterPatterns: [],
      recordAgeMs: pipeline.maximumRecordAgeMs,
      isReplay: false,
      isFifo: false,
      ...differing,
    })
}

const replay = { isReplay: true, recordAgeMs: -1 }
const retention = (retentionMs: number) => ({ pipeline: { ...pipeline, retentionMs } })

describe('a mapping is refused with', () => {
  it.each<[what: string, differing: Partial<PlannedMapping>, message: string]>([
    [
      'a tumbling window and a factor over 1',
      { tumblingWindowMs: 60_000, parallelizationFactor: 2 },
      'take the window away, as the pipeline has its own, or set the factor to 1',
    ],
    [
      'a tumbling window and filters',
      { tumblingWindowMs: 60_000, filterPatterns: [pattern] },
      'filters do not go with a tumbling window',
    ],
    [
      'filters on changes that take back',
      { ...changes, filterPatterns: [pattern] },
      'filter in the definition, with where',
    ],
    ['a FIFO destination', { isFifo: true }, 'give a standard one, or none for the failed-records bucket'],
    [
      'a record age of its own',
      { recordAgeMs: 60_000 },
      'the record age must be that of its definition, 3600 s: change maximumRecordAge there',
    ],
    ['no record age', { recordAgeMs: -1 }, 'the record age must be that of its definition, 3600 s'],
    ['a record age, for a replay', { ...replay, recordAgeMs: 3_600_000 }, 'a replay has no record age'],
    ['a replay of a table', { ...replay, source: table }, 'so it has no replay'],
    [
      'a retention that its function can outlast',
      retention(99_000),
      'its retention of 99 s must be at least 100 s, the time-out and a margin: lengthen it in the definition, or shorten',
    ],
    ['a time-out over what is safe', { timeoutMs: 61_000 }, 'the time-out must be at most 60 s'],
    [
      'less reserved than it has lanes',
      { parallelizationFactor: 2, reservedConcurrency: 7 },
      'a reserved concurrency of 7 is less than its 8 lanes, shards x factor',
    ],
    [
      'less reserved than the lanes of one shard of a table',
      { source: table, parallelizationFactor: 3, reservedConcurrency: 2 },
      'a reserved concurrency of 2 is less than its 3 lanes',
    ],
    [
      'more provisioned than reserved',
      { reservedConcurrency: 4, provisionedConcurrency: 5 },
      'the provisioned concurrency is from 1 to what is reserved, 4, not 5',
    ],
    ['nothing provisioned', { provisionedConcurrency: 0 }, 'the provisioned concurrency is from 1 to'],
    [
      'more filters than any account has',
      { filterPatterns: Array.from({ length: 6 }, () => pattern) },
      '6 filters are more than 5: join them with "or" lists, or have the account\'s quota raised, to 10 at most',
    ],
    [
      'more filters than the quota',
      { filterPatterns: Array.from({ length: 8 }, () => pattern), filterQuota: 7 },
      '8 filters are more than 7',
    ],
    ['a quota that nobody gets', { filterQuota: 11 }, 'the filter quota is from 5 to 10'],
    ['a filter that is no JSON', { filterPatterns: ['{data'] }, 'the filter {data is no JSON object'],
    ['a filter that is a list', { filterPatterns: ['[1]'] }, 'the filter [1] is no JSON object'],
    [
      'a table without both images',
      { source: { kind: 'table', viewType: 'NEW_IMAGE' } },
      "the table's stream must have both images, NEW_AND_OLD_IMAGES, not NEW_IMAGE",
    ],
    ['a factor of 0', { parallelizationFactor: 0 }, 'a whole number from 1 to 10, not 0'],
    ['a factor of 11', { parallelizationFactor: 11 }, 'a whole number from 1 to 10, not 11'],
    ['a factor of 1.5', { parallelizationFactor: 1.5 }, 'a whole number from 1 to 10, not 1.5'],
    ['an empty batch', { batchSize: 0 }, 'the batch size must be a whole number from 1 to 10000, not 0'],
    ['a batch too large', { batchSize: 10_001 }, 'from 1 to 10000, not 10001'],
    ['a window too long', { batchingWindowMs: 301_000 }, 'whole seconds from 0 to 300, not 301'],
    ['a window of half a second', { batchingWindowMs: 500 }, 'whole seconds from 0 to 300, not 0.5'],
    [
      'a window in which records get too old',
      {
        pipeline: { ...pipeline, maximumRecordAgeMs: 60_000 },
        recordAgeMs: 60_000,
        batchingWindowMs: 30_000,
      },
      'batching window and time-out together must be shorter than that',
    ],
  ])('%s', (_what, differing, message) => {
    expect(check(differing)).toThrow(message)
    expect(check(differing)).toThrow('pipeline page-views: ')
  })
})

it('is refused with all that is wrong at once', () => {
  expect(check({ batchSize: 0, isFifo: true })).toThrow(/batch size .*; .* FIFO/)
})

describe('a mapping is taken with', () => {
  it.each<[what: string, differing: Partial<PlannedMapping>]>([
    ['what is usual', {}],
    ['more than 10 records without a window', { batchSize: 10_000, batchingWindowMs: 0 }],
    ['the longest window', { batchingWindowMs: 300_000 }],
    ['the largest factor', { parallelizationFactor: 10, reservedConcurrency: 40 }],
    ['a tumbling window and a factor of 1', { tumblingWindowMs: 60_000 }],
    ['as many filters as usual', { filterPatterns: Array.from({ length: 5 }, () => pattern) }],
    [
      'as many as anybody gets',
      { filterPatterns: Array.from({ length: 10 }, () => pattern), filterQuota: 10 },
    ],
    ['changes of a table', changes],
    ['a table of which nothing is known', { ...changes, source: { kind: 'table' } }],
    ['the shortest retention', retention(100_000)],
    ['all that is reserved provisioned', { reservedConcurrency: 4, provisionedConcurrency: 4 }],
    ['a replay', replay],
  ])('%s', (_what, differing) => {
    expect(check(differing)).not.toThrow()
  })

  it.each([flights, punctuality, orders])('the definition of $name', (definition) => {
    const { maximumRecordAgeMs: recordAgeMs } = definition
    const source = definition.retracts ? table : stream
    expect(check({ pipeline: definition, recordAgeMs, source })).not.toThrow()
  })
})
