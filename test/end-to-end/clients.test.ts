import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  DeleteFunctionConcurrencyCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const minuteMs = 60_000

let stack: ChildProcessByStdio<null, Readable, null>
let FunctionName: string
let lambda: LambdaClient
let logs: CloudWatchLogsClient
let cloudWatch: CloudWatchClient
let startedMs: number

beforeAll(async () => {
  startedMs = Date.now()
  stack = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', '--no-demo'], {
    cwd: join(import.meta.dirname, '..', '..'),
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { value } = await createInterface(stack.stdout)[Symbol.asyncIterator]().next()
  const { functions, environment } = JSON.parse(String(value)) as {
    readonly functions: Readonly<Record<string, string>>
    readonly environment: Readonly<Record<string, string>>
  }
  FunctionName = functions['FlightsFunctionName'] ?? ''
  // All that the clients know is what a script can read and export.
  for (const [name, text] of Object.entries(environment)) vi.stubEnv(name, text)
  lambda = new LambdaClient({ maxAttempts: 1 })
  logs = new CloudWatchLogsClient({ maxAttempts: 1 })
  cloudWatch = new CloudWatchClient({ maxAttempts: 1 })
}, 120_000)

afterAll(async () => {
  for (const client of [lambda, logs, cloudWatch]) client.destroy()
  vi.unstubAllEnvs()
  const ended = once(stack, 'close')
  stack.kill('SIGINT')
  await ended
})

function invoke() {
  return lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{"Records":[]}') }))
}

test("Lambda's client describes functions", async () => {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}))
  expect(Functions.map((each) => each.FunctionName)).toContain(FunctionName)
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }))
  const alone = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
  expect(Configuration).toMatchObject({ FunctionName, Handler: 'index.handler' })
  expect(alone).toMatchObject({ FunctionName, FunctionArn: Configuration?.FunctionArn })
})

test("Lambda's client invokes a function, and reserves and frees its concurrency", async () => {
  const reserved = async () =>
    (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
  expect(await reserved()).toBe(0)
  await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
  expect(await reserved()).toBeUndefined()
  const { StatusCode, FunctionError, Payload } = await invoke()
  expect([StatusCode, FunctionError]).toEqual([200, undefined])
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ batchItemFailures: [] })
})

test("Lambda's client finds a mapping and changes it", async () => {
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }))
  expect(EventSourceMappings).toHaveLength(1)
  const [{ UUID } = {}] = EventSourceMappings
  const changed = await lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 77 }))
  expect(changed).toMatchObject({ State: 'Updating', BatchSize: 77 })
  const found = await lambda.send(new GetEventSourceMappingCommand({ UUID }))
  expect(found).toMatchObject({ BatchSize: 77, MetricsConfig: { Metrics: ['EventCount'] } })
})

test("Logs' client reads what the function logged", async () => {
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }))
  const logGroupName = Configuration?.LoggingConfig?.LogGroup ?? ''
  await invoke()
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }),
  )
  expect(logGroups.map((each) => each.logGroupName)).toEqual([logGroupName])
  const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }))
  const [{ logStreamName } = {}] = logStreams
  const { events: all = [] } = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName }))
  const { events: reports = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName, filterPattern: 'REPORT' }),
  )
  expect(reports.length).toBeGreaterThan(0)
  expect(all.map(({ message }) => message)).toContain(reports[0]?.message)
})

test("CloudWatch's client reads what Lambda counted", async () => {
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
  await expect(invoke()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
  await invoke()

  const Namespace = 'AWS/Lambda'
  const Dimensions = [{ Name: 'FunctionName', Value: FunctionName }]
  const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ Namespace, Dimensions }))
  expect(Metrics).toContainEqual({ Namespace, MetricName: 'Invocations', Dimensions })

  const range = {
    StartTime: new Date(startedMs),
    EndTime: new Date(Math.ceil((Date.now() + 1) / minuteMs) * minuteMs),
  }
  const stat = (Id: string, MetricName: string, Stat: string) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Stat, Period: 60 },
  })
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      ...range,
      MetricDataQueries: [
        stat('invocations', 'Invocations', 'Sum'),
        stat('throttles', 'Throttles', 'Sum'),
        stat('duration', 'Duration', 'p99'),
        { Id: 'share', Expression: 'SUM(throttles) / SUM(invocations) + 0 * invocations' },
      ],
    }),
  )
  const sumOf = (id: string): number =>
    (MetricDataResults.find(({ Id }) => Id === id)?.Values ?? []).reduce((sum, value) => sum + value, 0)
  expect(sumOf('invocations')).toBeGreaterThanOrEqual(1)
  expect(sumOf('throttles')).toBeGreaterThanOrEqual(1)
  expect(sumOf('duration')).toBeGreaterThan(0)
  const shares = MetricDataResults.find(({ Id }) => Id === 'share')?.Values ?? []
  expect(shares[0]).toBeCloseTo(sumOf('throttles') / sumOf('invocations'), 10)

  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...range,
      Namespace,
      MetricName: 'Invocations',
      Dimensions,
      Period: 60,
      Statistics: ['Sum'],
    }),
  )
  expect(Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(sumOf('invocations'))
})
