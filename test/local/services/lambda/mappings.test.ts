import {
  CreateEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, OK, type Script, THROWN, type World } from '../../event-source-mapping/world.ts'
import { defaultProperties } from '../../event-source-mapping/default-properties.ts'
import { functionArn, startTestLambda } from './start-test-lambda.ts'

const UUID = defaultProperties.uuid
const STREAM_ARN = 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights'
let lambda: Awaited<ReturnType<typeof startTestLambda>>

beforeEach(async () => {
  lambda = await startTestLambda()
  lambda.addFunction('flights')
})
afterEach(() => lambda.close())

/** A mapping that runs, controlled by the API. */
function start(script?: Script): World {
  const world = createWorld({}, script)
  lambda.addMapping(world.mapping)
  world.mapping.start()
  return world
}

const get = () => lambda.client.send(new GetEventSourceMappingCommand({ UUID }))
const update = (changes: Partial<UpdateEventSourceMappingCommandInput>) =>
  lambda.client.send(new UpdateEventSourceMappingCommand({ UUID, ...changes }))

/** The message for a number outside its bounds. */
function range(value: number, member: string, bound: string): string {
  return (
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ` +
    `Member must have value ${bound}`
  )
}

async function list(input: object) {
  const page = await lambda.client.send(new ListEventSourceMappingsCommand(input))
  const ends = (page.EventSourceMappings ?? []).map((each) => each.UUID?.at(-1))
  return { ends, NextMarker: page.NextMarker }
}

test('a mapping is described with all its settings', async () => {
  start()
  const { $metadata: _metadata, ...found } = await get()
  expect(found).toEqual({
    UUID,
    EventSourceMappingArn: `arn:aws:lambda:eu-west-1:000000000000:event-source-mapping:${UUID}`,
    EventSourceArn: STREAM_ARN,
    FunctionArn: functionArn('flights'),
    StartingPosition: 'TRIM_HORIZON',
    BatchSize: 10,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    MaximumRetryAttempts: -1,
    MaximumRecordAgeInSeconds: -1,
    BisectBatchOnFunctionError: false,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    DestinationConfig: { OnFailure: {} },
    State: 'Enabled',
    StateTransitionReason: 'User action',
    LastProcessingResult: 'No records processed',
    LastModified: new Date(1_700_000_000_000),
  })
})

test('settings change while records are under way: Updating until they are done', async () => {
  const world = start(({ sequenceNumbers }) => (sequenceNumbers[0] === '7' ? undefined : OK))
  world.put(12)
  await world.clock.advance(1_000)
  expect(await update({ BatchSize: 1, ParallelizationFactor: 2 })).toMatchObject({
    State: 'Updating',
    BatchSize: 1,
    ParallelizationFactor: 2,
    LastModified: new Date(1_700_000_001_000),
  })
  expect((await get()).State).toBe('Updating')
  await expect(update({ BatchSize: 2 })).rejects.toMatchObject({ name: 'ResourceInUseException' })

  world.invocations[0]?.answer(OK)
  await world.clock.advance(1_000)
  expect(await get()).toMatchObject({ State: 'Enabled', BatchSize: 1 })
  expect(world.batches().map(({ length }) => length)).toEqual([10, 1, 1])
})

test('a disabled mapping delivers nothing, and goes on where it was when it is enabled', async () => {
  const world = start()
  world.put(1)
  await world.clock.advance(1_000)
  expect(await update({ Enabled: false })).toMatchObject({ State: 'Disabling' })
  await world.clock.settle()
  expect((await get()).State).toBe('Disabled')
  world.put(1)
  await world.clock.advance(10_000)
  expect(world.batches()).toEqual([['7']])
  expect(await update({ MaximumRetryAttempts: 3 })).toMatchObject({ State: 'Updating' })
  await world.clock.settle()
  expect((await get()).State).toBe('Disabled')

  expect(await update({ Enabled: true })).toMatchObject({ State: 'Enabling', MaximumRetryAttempts: 3 })
  await world.clock.advance(1_000)
  expect((await get()).State).toBe('Enabled')
  expect(world.batches()).toEqual([['7'], ['8']])
})

test('the last result is what the last call came to', async () => {
  const world = start(({ sequenceNumbers }) => (sequenceNumbers[0] === '8' ? THROWN : OK))
  world.put(1)
  await world.clock.advance(1_000)
  expect((await get()).LastProcessingResult).toBe('OK')
  world.put(1)
  await world.clock.advance(1_000)
  expect((await get()).LastProcessingResult).toBe('PROBLEM: Function call failed')
})

test('a stream that cannot be read is the last result, and the mapping stays enabled', async () => {
  const world = start()
  world.put(1)
  await world.clock.advance(1_000)
  world.source.failure = new Error('it is gone')
  await world.clock.advance(1_000)
  expect(await get()).toMatchObject({
    State: 'Enabled',
    LastProcessingResult: `PROBLEM: Cannot access stream ${STREAM_ARN}. it is gone`,
  })
})

test('a destination is told of failures from then on, until it is cleared', async () => {
  const world = start(() => THROWN)
  const Destination = 'arn:aws:s3:::failed'
  const changed = await update({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination } } })
  expect(changed.DestinationConfig).toEqual({ OnFailure: { Destination } })
  world.put(1)
  await world.clock.advance(1_000)
  expect(lambda.reported).toHaveLength(1)
  const cleared = await update({ DestinationConfig: { OnFailure: { Destination: '' } } })
  expect(cleared.DestinationConfig).toEqual({ OnFailure: {} })
  world.put(1)
  await world.clock.advance(1_000)
  expect(world.discarded).toHaveLength(2)
  expect(lambda.reported).toHaveLength(1)
})

test('filters are set and taken away', async () => {
  const world = start()
  const Filters = [{ Pattern: '{"partitionKey":["LHR"]}' }]
  expect((await update({ FilterCriteria: { Filters } })).FilterCriteria).toEqual({ Filters })
  world.put(1, 'JFK')
  world.put(1, 'LHR')
  await world.clock.advance(1_000)
  expect(world.batches()).toEqual([['8']])
  expect((await update({ FilterCriteria: { Filters: [] } })).FilterCriteria).toBeUndefined()
})

test('event counts are asked for and no more', async () => {
  start()
  expect((await get()).MetricsConfig).toBeUndefined()
  const MetricsConfig = { Metrics: ['EventCount' as const] }
  expect((await update({ MetricsConfig })).MetricsConfig).toEqual(MetricsConfig)
  expect((await update({ BatchSize: 3 })).MetricsConfig).toEqual(MetricsConfig)
  expect((await update({ MetricsConfig: { Metrics: [] } })).MetricsConfig).toBeUndefined()
})

describe('refused, and nothing is changed', () => {
  const recordAge =
    'MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)'

  test.each<[Partial<UpdateEventSourceMappingCommandInput>, string]>([
    [{ BatchSize: 10_001 }, range(10_001, 'batchSize', 'less than or equal to 10000')],
    [{ BatchSize: 0 }, range(0, 'batchSize', 'greater than or equal to 1')],
    [{ ParallelizationFactor: 11 }, range(11, 'parallelizationFactor', 'less than or equal to 10')],
    [
      { MaximumBatchingWindowInSeconds: 301 },
      range(301, 'maximumBatchingWindowInSeconds', 'less than or equal to 300'),
    ],
    [{ TumblingWindowInSeconds: 901 }, range(901, 'tumblingWindowInSeconds', 'less than or equal to 900')],
  ])('%j: ValidationException', async (changes, message) => {
    start()
    await expect(update(changes)).rejects.toMatchObject({ name: 'ValidationException', message })
    expect(await get()).toMatchObject({ State: 'Enabled', BatchSize: 10, ParallelizationFactor: 1 })
  })

  test('an unknown response type: ValidationException that names those there are', async () => {
    start()
    const changed = update({ FunctionResponseTypes: ['Bad' as 'ReportBatchItemFailures'] })
    await expect(changed).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('[ReportBatchItemFailures]'),
    })
  })

  test.each<[Partial<UpdateEventSourceMappingCommandInput>, string]>([
    [{ MaximumRecordAgeInSeconds: 0 }, recordAge],
    [{ MaximumRecordAgeInSeconds: 59 }, recordAge],
    [
      { TumblingWindowInSeconds: 1, ParallelizationFactor: 2 },
      'Parallelization factor must be equal to 1 when tumbling window period is configured',
    ],
    [
      { TumblingWindowInSeconds: 1, FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":[1]}}' }] } },
      'Filter criteria must be empty when tumbling window period is configured',
    ],
    [{ FilterCriteria: { Filters: [{ Pattern: '{' }] } }, 'Invalid filter pattern definition.'],
    [
      { DestinationConfig: { OnSuccess: { Destination: 'arn:aws:s3:::failed' } } },
      'OnSuccess configuration is not supported for event source mappings.',
    ],
    [
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::other' } } },
      'there is no bucket arn:aws:s3:::other',
    ],
    [
      { ScalingConfig: { MaximumConcurrency: 2 } },
      'Unsupported ScalingConfig parameter for given event source mapping type.',
    ],
    [{ FunctionName: 'nothing' }, 'Function does not exist'],
    [{ ProvisionedPollerConfig: { MinimumPollers: 1 } }, 'ProvisionedPollerConfig is not supported here.'],
  ])('%j: InvalidParameterValueException', async (changes, message) => {
    start()
    await expect(update(changes)).rejects.toMatchObject({ name: 'InvalidParameterValueException', message })
    expect(await get()).toMatchObject({ State: 'Enabled', TumblingWindowInSeconds: 0 })
  })

  test('a mapping that is not there is not found', async () => {
    const error = {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
      $metadata: { httpStatusCode: 404 },
    }
    await expect(get()).rejects.toMatchObject(error)
    await expect(update({ BatchSize: 1 })).rejects.toMatchObject(error)
  })

  test('mappings are not made here', async () => {
    const command = new CreateEventSourceMappingCommand({ FunctionName: 'flights' })
    await expect(lambda.client.send(command)).rejects.toMatchObject({ name: 'UnknownOperationException' })
  })
})

test('factor 1 and a window may be set together', async () => {
  start()
  await update({ ParallelizationFactor: 2 })
  const both = await update({ ParallelizationFactor: 1, TumblingWindowInSeconds: 1 })
  expect(both).toMatchObject({ ParallelizationFactor: 1, TumblingWindowInSeconds: 1 })
})

test('mappings are listed by page, by function and by source', async () => {
  const { mapping } = createWorld()
  for (const index of [3, 1, 2]) {
    const uuid = `0b1c2d3e-0000-4000-8000-00000000000${index}`
    lambda.addMapping(
      mapping,
      { uuid, functionArn: functionArn(index === 3 ? 'other' : 'flights') },
      `${STREAM_ARN}-${index}`,
    )
  }
  const first = await list({ MaxItems: 2 })
  expect(first.ends).toEqual(['1', '2'])
  expect(await list({ MaxItems: 2, Marker: first.NextMarker })).toEqual({
    ends: ['3'],
    NextMarker: undefined,
  })
  expect((await list({ FunctionName: 'flights' })).ends).toEqual(['1', '2'])
  expect((await list({ FunctionName: functionArn('other') })).ends).toEqual(['3'])
  expect((await list({ FunctionName: 'flights:$LATEST' })).ends).toEqual([])
  expect((await list({ EventSourceArn: `${STREAM_ARN}-2` })).ends).toEqual(['2'])
  expect((await list({ FunctionName: 'flights', EventSourceArn: `${STREAM_ARN}-3` })).ends).toEqual([])
})
