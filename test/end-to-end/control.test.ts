import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import {
  type EventSourceMappingConfiguration,
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { EventSourceMapping } from '../../local/event-source-mapping/mapping.ts'
import { type LocalStack, startLocalStack } from '../../local/main.ts'
import { type SynthesisedApp, synthesise } from '../../local/synthesise.ts'

const recordCount = 40

let app: SynthesisedApp
let stack: LocalStack
let kinesis: KinesisClient
let lambda: LambdaClient

beforeAll(async () => {
  app = await synthesise({ app: 'node --import tsx test/end-to-end/fixtures/two-stacks.ts' })
  stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: () => undefined,
    onNotice: () => undefined,
  })
  // All that the clients know is what the stack gives to scripts.
  for (const [name, value] of Object.entries(stack.environment)) vi.stubEnv(name, value)
  kinesis = new KinesisClient()
  lambda = new LambdaClient({ maxAttempts: 1 })
})

afterAll(async () => {
  kinesis.destroy()
  lambda.destroy()
  await stack.close()
  await app.remove()
  vi.unstubAllEnvs()
})

function functionName(id: string): string {
  const name = [...stack.functions.keys()].find((each) => each.includes(id))
  if (name === undefined) throw new Error(`there is no function ${id}`)
  return name
}

async function mappingOf(id: string): Promise<EventSourceMappingConfiguration> {
  const command = new ListEventSourceMappingsCommand({ FunctionName: functionName(id) })
  const [found] = (await lambda.send(command)).EventSourceMappings ?? []
  if (found === undefined) throw new Error(`${id} has no mapping`)
  return found
}

/** Changes a mapping and waits until it has come to that; the states before and after. */
async function change(id: string, changes: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>) {
  const { UUID } = await mappingOf(id)
  const { State: first } = await lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...changes }))
  // Another change comes after what is being changed.
  await runningMappingOf(id).update({})
  const { State: last } = await lambda.send(new GetEventSourceMappingCommand({ UUID }))
  return [first, last]
}

async function put(): Promise<void> {
  const Records = Array.from({ length: recordCount }, (_, index) => ({
    PartitionKey: `key ${index}`,
    Data: Buffer.from(`reading ${index}`),
  }))
  const StreamName = stack.outputs['ReadingsName']
  await kinesis.send(new PutRecordsCommand({ StreamName, Records }))
}

/** The stacks give each function one mapping, in the same order. */
function runningMappingOf(id: string): EventSourceMapping {
  const mapping = stack.mappings[[...stack.functions.keys()].indexOf(functionName(id))]
  if (mapping === undefined) throw new Error(`${id} has no mapping`)
  return mapping
}

/** Records that the mapping of a function has sent to it. */
function sent(id: string): number {
  return runningMappingOf(id).stats().eventCounts.InvokedEventCount
}

test('a mapping gets another factor while it runs, and delivers everything', async () => {
  await put()
  expect(await change('CommonJs', { ParallelizationFactor: 4, BatchSize: 5 })).toEqual([
    'Updating',
    'Enabled',
  ])
  await stack.drained()
  expect(await mappingOf('CommonJs')).toMatchObject({
    ParallelizationFactor: 4,
    BatchSize: 5,
    LastProcessingResult: 'OK',
    DestinationConfig: { OnFailure: { Destination: expect.stringContaining(':sqs:') } },
  })
  expect(sent('CommonJs')).toBe(recordCount)
})

test('a mapping that is disabled delivers nothing, and all of it when it is enabled', async () => {
  expect(await change('CommonJs', { Enabled: false })).toEqual(['Disabling', 'Disabled'])
  const before = { disabled: sent('CommonJs'), other: sent('EsModule') }
  await put()
  await stack.drained()
  expect(sent('CommonJs')).toBe(before.disabled)
  // The control.
  expect(sent('EsModule')).toBe(before.other + recordCount)
  expect(await change('CommonJs', { Enabled: true })).toEqual(['Enabling', 'Enabled'])
  await stack.drained()
  expect(sent('CommonJs')).toBe(before.disabled + recordCount)
})

test('a function without concurrency is throttled, and runs when it is given back', async () => {
  const FunctionName = functionName('EsModule')
  const invoke = () =>
    lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"Records":[]}') }))
  const first = await invoke()
  expect(first).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
  expect(first.FunctionError).toBeUndefined()
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
  await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
  expect((await invoke()).StatusCode).toBe(200)
})
