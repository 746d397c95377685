import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../local/event-source-mapping/clock.ts'
import { EventSourceMapping } from '../local/event-source-mapping/mapping.ts'
import { kinesisSource } from '../local/kinesis-source.ts'
import { LambdaFunction } from '../local/lambda/lambda-function.ts'
import { kinesisOperations } from '../local/services/kinesis/server.ts'
import { KinesisStreams } from '../local/services/kinesis/streams.ts'
import { configurationOf } from '../test/local/lambda/function-configuration-fixture.ts'
import { defaultProperties } from '../test/local/event-source-mapping/default-properties.ts'
import { lineChart } from './line-chart.ts'

// What the parallelization factor is worth: a shard with a backlog, even keys, and a function that waits 100 ms, in as many
// processes as there are lanes. Each factor drains a backlog of its own, with environments that are warm.

const handlerMs = 100
const batchSize = 100
const keys = 10_000
const factors = [1, 2, 5, 10]
const handler = `export const handler = () => new Promise((resolve) => setTimeout(() => resolve({}), ${handlerMs}))`

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly partitionKey: string; readonly sequenceNumber: string }
  }[]
}

/** Notes what a key has had, and throws if that comes out of order. */
class Order {
  readonly #last = new Map<string, string>()
  records = 0

  watch(payload: string): void {
    const { Records } = JSON.parse(payload) as KinesisEvent
    for (const { kinesis } of Records) {
      const last = this.#last.get(kinesis.partitionKey) ?? ''
      if (last >= kinesis.sequenceNumber) throw new Error(`${kinesis.partitionKey} is out of order`)
      this.#last.set(kinesis.partitionKey, kinesis.sequenceNumber)
      this.records += 1
    }
  }
}

/** Records a second, from the first read of a backlog until all of it is done. */
async function measure(
  codeDirectory: string,
  parallelizationFactor: number,
  backlog: number,
): Promise<number> {
  const streams = new KinesisStreams({
    region: 'eu-west-1',
    accountId: '000000000000',
    nowMs: systemClock.nowMs,
  })
  const stream = streams.create('departures', { shardCount: 1 })
  const lambda = new LambdaFunction(configurationOf(codeDirectory), {
    onLog: ({ text }) => console.error(text),
  })
  const order = new Order()
  const mapping = new EventSourceMapping({
    source: kinesisSource({
      operations: kinesisOperations(streams),
      streamArn: stream.arn,
      region: 'eu-west-1',
      executionRoleArn: 'arn:aws:iam::000000000000:role/departures',
      nowMs: systemClock.nowMs,
    }),
    invoke: (payload, options) => {
      order.watch(payload)
      return lambda.invoke(payload, options)
    },
    properties: { ...defaultProperties, batchSize, parallelizationFactor },
    clock: systemClock,
    random: Math.random,
  })
  const put = (records: number): void => {
    const data = Buffer.alloc(200)
    for (let number = 0; number < records; number += 1)
      stream.put({ partitionKey: `key-${number % keys}`, data })
  }
  try {
    put(keys)
    mapping.start()
    await mapping.drained()
    await mapping.stop()
    put(backlog)
    const startedMs = performance.now()
    mapping.start()
    await mapping.drained()
    const seconds = (performance.now() - startedMs) / 1_000
    if (order.records !== keys + backlog)
      throw new Error(`${order.records} of ${keys + backlog} were delivered`)
    return backlog / seconds
  } finally {
    await mapping.stop()
    await lambda.close()
  }
}

const { quick, plot } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, plot: { type: 'string' } },
}).values
const backlog = quick ? 10_000 : 40_000
const codeDirectory = await mkdtemp(join(tmpdir(), 'parallelization-factor-'))
try {
  await writeFile(join(codeDirectory, 'index.mjs'), handler)
  console.log(
    `one shard, ${keys} even keys, batches of ${batchSize}, a backlog of ${backlog}, a handler of ${handlerMs} ms\n`,
  )
  console.log('| factor | records/s | times factor 1 | of the most that is possible |')
  console.log('| --- | --- | --- | --- |')
  const points: { x: number; y: number }[] = []
  for (const factor of factors) {
    const recordsPerSecond = await measure(codeDirectory, factor, backlog)
    points.push({ x: factor, y: recordsPerSecond })
    const ratio = recordsPerSecond / (points[0]?.y ?? recordsPerSecond)
    const most = (factor * batchSize * 1_000) / handlerMs
    const share = `${((100 * recordsPerSecond) / most).toFixed(0)} %`
    console.log(`| ${factor} | ${Math.round(recordsPerSecond)} | ${ratio.toFixed(2)} | ${share} |`)
  }
  if (plot !== undefined) {
    const title = 'Records a second by parallelization factor, one shard'
    await writeFile(plot, lineChart({ title, xLabel: 'parallelization factor', yLabel: 'records/s', points }))
    console.log(`\nplotted to ${plot}`)
  }
} finally {
  await rm(codeDirectory, { recursive: true })
}
