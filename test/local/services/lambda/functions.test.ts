import {
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { functionArn, startTestLambda } from './start-test-lambda.ts'

const NAMES = Array.from({ length: 60 }, (_, index) => `function-${String(index).padStart(2, '0')}`)
const [NAME = ''] = NAMES
let lambda: Awaited<ReturnType<typeof startTestLambda>>

beforeAll(async () => {
  lambda = await startTestLambda()
  for (const name of NAMES.toReversed()) lambda.addFunction(name)
})
afterAll(() => lambda.close())

test('a function is described with its concurrency and its code', async () => {
  const { Configuration, Code, Concurrency } = await lambda.client.send(
    new GetFunctionCommand({ FunctionName: NAME }),
  )
  expect(Configuration).toMatchObject({
    FunctionName: NAME,
    FunctionArn: functionArn(NAME),
    Handler: 'index.handler',
    MemorySize: 256,
    Timeout: 10,
    Environment: { Variables: {} },
    LastModified: '2023-11-14T22:13:20.000+0000',
  })
  expect(Code).toEqual({ Location: 'file:///code' })
  expect(Concurrency).toBeUndefined()
})

test.each([
  NAME,
  functionArn(NAME),
  `000000000000:function:${NAME}`,
  `${functionArn(NAME)}:$LATEST`,
  `${NAME}:$LATEST`,
])('%s names the function', async (FunctionName) => {
  const found = await lambda.client.send(new GetFunctionConfigurationCommand({ FunctionName }))
  expect(found.FunctionArn).toBe(functionArn(NAME))
})

test.each([
  ['nothing', functionArn('nothing')],
  [`${NAME}:7`, `${functionArn(NAME)}:7`],
  [functionArn(NAME).replace('eu-west-1', 'eu-west-2'), functionArn(NAME).replace('eu-west-1', 'eu-west-2')],
])('%s is no function here', async (FunctionName, arn) => {
  const asked = lambda.client.send(new GetFunctionCommand({ FunctionName }))
  await expect(asked).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Function not found: ${arn}`,
    $metadata: { httpStatusCode: 404 },
  })
})

test.each([
  [undefined, [50, 10]],
  [25, [25, 25, 10]],
  [10_000, [50, 10]],
])('with MaxItems %s functions come by name in pages of %j', async (MaxItems, sizes) => {
  const pages: (string | undefined)[][] = []
  let Marker: string | undefined
  do {
    const page = await lambda.client.send(new ListFunctionsCommand({ MaxItems, Marker }))
    pages.push((page.Functions ?? []).map(({ FunctionName }) => FunctionName))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  expect(pages.map(({ length }) => length)).toEqual(sizes)
  expect(pages.flat()).toEqual(NAMES)
})

test('a page has at least one item', async () => {
  await expect(lambda.client.send(new ListFunctionsCommand({ MaxItems: 0 }))).rejects.toMatchObject({
    name: 'ValidationException',
    message:
      "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: " +
      'Member must have value greater than or equal to 1',
  })
})

test('concurrency is reserved, shown and given back', async () => {
  const reserve = { FunctionName: NAME, ReservedConcurrentExecutions: 3 }
  const get = () => lambda.client.send(new GetFunctionConcurrencyCommand({ FunctionName: NAME }))
  expect((await get()).ReservedConcurrentExecutions).toBeUndefined()
  const put = await lambda.client.send(new PutFunctionConcurrencyCommand(reserve))
  expect(put.ReservedConcurrentExecutions).toBe(3)
  expect((await get()).ReservedConcurrentExecutions).toBe(3)
  const { Concurrency } = await lambda.client.send(new GetFunctionCommand({ FunctionName: NAME }))
  expect(Concurrency).toEqual({ ReservedConcurrentExecutions: 3 })
  await lambda.client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: NAME }))
  expect((await get()).ReservedConcurrentExecutions).toBeUndefined()
})

test('100 executions are left for functions that reserve none', async () => {
  const put = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    lambda.client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }))
  await put(NAME, 400)
  await expect(put('function-01', 501)).rejects.toMatchObject({ name: 'InvalidParameterValueException' })
  await put('function-01', 500)
  expect(lambda.functions.get('function-01')?.reservedConcurrency).toBe(500)
})

test('an operation that is not there is refused by name', async () => {
  await expect(lambda.client.send(new DeleteFunctionCommand({ FunctionName: NAME }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: `DELETE /2015-03-31/functions/${NAME} is not supported here.`,
  })
})
