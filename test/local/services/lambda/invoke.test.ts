import { InvokeCommand, type InvokeCommandInput, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda'
import { beforeAll, afterAll, expect, test } from 'vitest'
import { LambdaFunction } from '../../../../local/lambda/lambda-function.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurationOf } from '../../lambda/function-configuration-fixture.ts'
import { functionArn, startTestLambda } from './start-test-lambda.ts'

const NAME = 'echo'
const MAXIMUM_BYTES = 6 * 1024 * 1024
const HANDLER = `export const handler = async (event, context) => {
  if (event.throws) throw new TypeError('as ordered')
  return { length: JSON.stringify(event).length, requestId: context.awsRequestId }
}`
let lambda: Awaited<ReturnType<typeof startTestLambda>>
let echo: LambdaFunction
let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'invoke-test-'))
  writeFileSync(join(directory, 'index.mjs'), HANDLER)
  lambda = await startTestLambda()
  const names = { functionName: NAME, functionArn: functionArn(NAME) }
  echo = new LambdaFunction(configurationOf(directory, names), { onLog: () => undefined })
  lambda.addFunction(NAME, echo)
})
afterAll(async () => {
  await lambda.close()
  await echo.close()
  rmSync(directory, { recursive: true })
})

function invoke(input: Partial<InvokeCommandInput> = {}) {
  return lambda.client.send(new InvokeCommand({ FunctionName: NAME, ...input }))
}

function eventOf(bytes: number): Buffer {
  return Buffer.from(JSON.stringify('x'.repeat(bytes - 2)))
}

function reserve(ReservedConcurrentExecutions: number) {
  return lambda.client.send(
    new PutFunctionConcurrencyCommand({ FunctionName: NAME, ReservedConcurrentExecutions }),
  )
}

test('a function answers, with its version and its request id', async () => {
  const answer = await invoke({ Payload: Buffer.from('{"a":1}') })
  expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
  expect(answer.FunctionError).toBeUndefined()
  const { requestId } = answer.$metadata
  expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toEqual({ length: 7, requestId })
})

test('without an event it is an empty object', async () => {
  const { Payload } = await invoke()
  expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({ length: 2 })
})

test('a function that throws is an answer', async () => {
  const answer = await invoke({ Payload: Buffer.from('{"throws":true}') })
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' })
  expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'as ordered',
  })
})

test('a dry run invokes nothing', async () => {
  const before = echo.stats().invocations
  expect((await invoke({ InvocationType: 'DryRun' })).StatusCode).toBe(204)
  expect(echo.stats().invocations).toBe(before)
  // The control.
  await invoke()
  expect(echo.stats().invocations).toBe(before + 1)
})

test.each<[string, Partial<InvokeCommandInput>, object]>([
  [
    'an asynchronous invocation',
    { InvocationType: 'Event' },
    {
      name: 'InvalidParameterValueException',
      message: 'The invocation type Event is not supported here.',
    },
  ],
  [
    'a client context',
    { ClientContext: 'e30=' },
    { name: 'InvalidParameterValueException', message: 'ClientContext is not supported here.' },
  ],
  ['no JSON', { Payload: Buffer.from('{') }, { name: 'InvalidRequestContentException' }],
  ['an unknown function', { FunctionName: 'nothing' }, { name: 'ResourceNotFoundException' }],
])('%s is refused', async (_what, input, error) => {
  await expect(invoke(input)).rejects.toMatchObject(error)
})

test('an event of 6 MB is taken, one byte more is not', async () => {
  const { Payload } = await invoke({ Payload: eventOf(MAXIMUM_BYTES) })
  expect(JSON.parse(Payload?.transformToString() ?? '')).toMatchObject({ length: MAXIMUM_BYTES })
  await expect(invoke({ Payload: eventOf(MAXIMUM_BYTES + 1) })).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    message: 'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    $metadata: { httpStatusCode: 413 },
  })
})

test('no concurrency throttles, though an environment is warm; some lets it run again', async () => {
  await invoke()
  await reserve(0)
  await expect(invoke()).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    retryAfterSeconds: '1',
    $metadata: { httpStatusCode: 429 },
  })
  await reserve(1)
  expect((await invoke()).StatusCode).toBe(200)
  expect(echo.stats().coldStarts).toBe(1)
})
