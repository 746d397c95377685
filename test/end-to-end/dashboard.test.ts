import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runScript } from '../../demo/processes.ts'
import { type LocalStack, startLocalStack, synthesise } from '../../local/main.ts'
import { readAssembly } from '../../local/deploy/assembly.ts'
import { planDeployment } from '../../local/deploy/plan.ts'
import { findJava } from '../../local/services/dynamodb/find-java.ts'
import type { SynthesisedApp } from '../../local/synthesise.ts'
import { dashboardWidgets, queriesOf, type Widget } from './widget-queries.ts'

const java = await findJava(process.env)
const withoutTables = java.command === undefined ? ` (not those of tables: ${java.reason})` : ''
/** A shard takes 1 MiB a second, so it takes one of these and not the next. */
const largeBytes = 600 * 1024

/** Metrics of the dashboard that nothing writes here, and why. */
const silentHere: Readonly<Record<string, string>> = {
  'AWS/DynamoDB WriteThrottleEvents': 'DynamoDB Local throttles nothing',
  'AWS/DynamoDB ReadThrottleEvents': 'DynamoDB Local throttles nothing',
  'streamtally-dev Expired': 'written only where there are some, and here no cell closes',
  'streamtally-dev OverCap': 'written only where there are some, and here no cell is full',
  'streamtally-dev PipelineFaults': 'written only where there are some, and here no pipeline fails',
}

let app: SynthesisedApp
let stack: LocalStack
let cloudWatch: CloudWatchClient
let widgets: Widget[]
let startedMs: number
/** The dimensions' values of what only tables feed. */
let tableValues: ReadonlySet<string>

beforeAll(async () => {
  app = await synthesise()
  widgets = await dashboardWidgets(app.directory)
  const { mappings, tables } = planDeployment(await readAssembly(app.directory))
  const ofTables = mappings.filter(({ streamArn }) => streamArn.startsWith('arn:aws:dynamodb:'))
  tableValues = new Set([
    'orders',
    ...tables.map(({ name }) => name),
    ...ofTables.flatMap(({ functionName, properties }) => [functionName, properties.uuid]),
  ])
  startedMs = Date.now()
  stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: () => undefined,
    onNotice: () => undefined,
  })
  for (const [name, value] of Object.entries(stack.environment)) vi.stubEnv(name, value)
  cloudWatch = new CloudWatchClient({ maxAttempts: 1 })
  await produceAndCount()
  await throttleWrites()
  await throttleInvocations()
  await giveUp()
  await giveUpInVain()
}, 180_000)

afterAll(async () => {
  cloudWatch.destroy()
  await stack.close()
  await app.remove()
  vi.unstubAllEnvs()
})

/** As the demo does, with duplicates and rubbish among the departures. */
async function produceAndCount(): Promise<void> {
  const options = { environment: stack.environment, signal: new AbortController().signal }
  const flights = ['flights', '--stream', stack.outputs['FlightsStreamName'] ?? '', '--limit', '2000']
  const orders = ['orders', '--table', stack.outputs['OrdersTableName'] ?? '', '--limit', '200']
  await Promise.all([
    runScript('produce', [...flights, '--duplicates', '5%', '--garbage', '5'], options),
    ...(hasTables() ? [runScript('produce', orders, options)] : []),
  ])
  await stack.drained()
}

function hasTables(): boolean {
  return stack.endpoints['dynamodb'] !== undefined
}

/** Writes something that every function has to reject, one to each source. */
async function writeRubbish(): Promise<void> {
  await putRecords([Buffer.from('rubbish')])
  if (!hasTables()) return
  const dynamodb = new DynamoDBClient()
  const TableName = stack.outputs['OrdersTableName']
  const Item = { lineId: { S: `rubbish ${performance.now()}` }, quantity: { S: 'many' } }
  await dynamodb.send(new PutItemCommand({ TableName, Item }))
  dynamodb.destroy()
}

async function putRecords(data: readonly Uint8Array[]): Promise<void> {
  const kinesis = new KinesisClient()
  const Records = data.map((Data) => ({ PartitionKey: 'JFK', Data }))
  await kinesis.send(new PutRecordsCommand({ StreamName: stack.outputs['FlightsStreamName'], Records }))
  kinesis.destroy()
}

async function throttleWrites(): Promise<void> {
  await putRecords([Buffer.alloc(largeBytes), Buffer.alloc(largeBytes)])
  await stack.drained()
}

async function throttleInvocations(): Promise<void> {
  const functions = feedingFunctions()
  for (const lambda of functions) lambda.reservedConcurrency = 0
  await writeRubbish()
  while (functions.some((lambda) => lambda.stats().throttles === 0)) await setImmediate()
  for (const lambda of functions) lambda.reservedConcurrency = undefined
  await stack.drained()
}

/** Those that a mapping of this machine feeds. */
function feedingFunctions() {
  return stack.mappings.flatMap(({ functionArn }) =>
    Array.from(stack.functions.values()).filter(
      ({ configuration }) => configuration.functionArn === functionArn,
    ),
  )
}

/** Every answer is lost with its environment, and no batch is tried again. */
async function giveUp(): Promise<void> {
  for (const lambda of feedingFunctions()) lambda.setFaults({ fateOfAnswer: () => 'killed' })
  for (const mapping of stack.mappings) await mapping.update({ maximumRetryAttempts: 0 })
  await writeRubbish()
  await stack.drained()
}

async function giveUpInVain(): Promise<void> {
  for (const mapping of stack.mappings) mapping.reportFailuresTo(() => Promise.reject(new Error('denied')))
  await writeRubbish()
  await stack.drained()
}

/** A metric of a widget, by namespace and name, with what there is of it. */
interface Found {
  readonly name: string
  readonly values: readonly number[]
}

/** Asks for a widget as CloudWatch would; what is hidden is answered too. */
async function ask(queries: readonly MetricDataQuery[]): Promise<Found[]> {
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(startedMs),
      EndTime: new Date(Date.now() + 1),
      MetricDataQueries: queries.map((query) => ({ ...query, ReturnData: true })),
    }),
  )
  return queries.flatMap(({ Id, MetricStat }) => {
    const { Namespace, MetricName } = MetricStat?.Metric ?? {}
    const result = MetricDataResults.find((each) => each.Id === Id)
    if (result === undefined) throw new Error(`${Id} is not answered`)
    return Namespace === undefined ? [] : { name: `${Namespace} ${MetricName}`, values: result.Values ?? [] }
  })
}

/** Whether a metric is of what only tables feed. */
function isOfTables({ MetricStat }: MetricDataQuery): boolean {
  return (MetricStat?.Metric?.Dimensions ?? []).some(({ Value = '' }) => tableValues.has(Value))
}

/** The widgets that show metrics which can be here, each with what it found. */
async function askAll(): Promise<{ readonly title: string; readonly found: readonly Found[] }[]> {
  const answers: { title: string; found: Found[] }[] = []
  for (const widget of widgets) {
    const { title = '' } = widget.properties
    const queries = queriesOf(widget)
    if (queries.length === 0 || (!hasTables() && queries.some(isOfTables))) continue
    answers.push({ title, found: await ask(queries) })
  }
  return answers
}

test(`every widget of the dashboard has data after throttles, rejects, duplicates and batches given up${withoutTables}`, async () => {
  const answers = await askAll()
  expect(answers.length).toBeGreaterThan(3)
  const without = answers.filter(({ found }) => found.every(({ values }) => values.length === 0))
  expect(without.map(({ title }) => title)).toEqual([])
})

test('every metric of the dashboard has data, but for those that nothing writes here', async () => {
  const all = (await askAll()).flatMap(({ found }) => found)
  const silent = all.filter(({ values }) => values.length === 0).map(({ name }) => name)
  expect(silent.filter((name) => silentHere[name] === undefined)).toEqual([])
})

test('the dashboard shows what went wrong', async () => {
  const all = (await askAll()).flatMap(({ found }) => found)
  const above0 = new Set(
    all.filter(({ values }) => values.some((value) => value > 0)).map(({ name }) => name),
  )
  expect([...above0]).toEqual(
    expect.arrayContaining([
      'AWS/Kinesis IncomingRecords',
      'AWS/Kinesis WriteProvisionedThroughputExceeded',
      'AWS/Lambda DestinationDeliveryFailures',
      'AWS/Lambda DroppedEventCount',
      'AWS/Lambda Errors',
      'AWS/Lambda IteratorAge',
      'AWS/Lambda OnFailureDestinationDeliveredEventCount',
      'AWS/Lambda Throttles',
      'streamtally-dev Counted',
      'streamtally-dev Duplicates',
      'streamtally-dev Rejected',
    ]),
  )
})

test('a widget of a metric that nobody writes has none', async () => {
  const first = widgets.map(queriesOf).find(({ length }) => length > 0)
  const misnamed = (first ?? []).map((query) => ({
    ...query,
    ...(query.MetricStat && {
      MetricStat: { ...query.MetricStat, Metric: { ...query.MetricStat.Metric, MetricName: 'Misnamed' } },
    }),
  }))
  const found = await ask(misnamed)
  expect(found.length).toBeGreaterThan(0)
  expect(found.every(({ values }) => values.length === 0)).toBe(true)
})
