import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type BundledFlights,
  flight,
  kinesisRecord,
  shard,
  startBundledFlights,
  streamArn,
} from './bundled-flights.ts'

/** Part of every payload, id, key and foreign record; in the bucket, and nowhere else outside the cells. */
const canary = 'canary5f0c'
const now = Date.now()
const noFailures = { batchItemFailures: [] }

let lambda: BundledFlights
let invocations = 0
beforeAll(async () => {
  lambda = await startBundledFlights()
})
afterAll(async () => {
  await lambda.close()
})

interface Delivered {
  readonly record: Readonly<Record<string, unknown>>
  readonly sequenceNumber: string
}

let records = 0

function delivered(payload: Uint8Array | string, arrivalMs = now): Delivered {
  const sequenceNumber = String(49_590_338_271_490 + records++)
  const record = kinesisRecord(payload, { sequenceNumber, arrivalMs, partitionKey: `${canary}-partition` })
  return { record, sequenceNumber }
}

function valid(fields: Partial<Parameters<typeof flight>[0]> = {}): ReturnType<typeof flight> {
  return flight({ flightId: `${canary}-${records}`, sentAt: now, origin: `${canary}-origin`, ...fields })
}

/** The JSON of a valid flight, with one piece of the text exchanged. */
function altered(from: string, to: string): string {
  const json = JSON.stringify(valid())
  expect(json).toContain(from)
  return json.replace(from, to)
}

async function invoke(...all: readonly unknown[]): ReturnType<BundledFlights['invoke']> {
  invocations++
  return lambda.invoke({ Records: all })
}

async function countedOf(origin: string): Promise<unknown> {
  const [row] = await lambda.read('origin', origin, now)
  return row?.values
}

/** What became of a bad record between two good ones. */
interface Outcome {
  readonly answer: unknown
  readonly goodOnesCounted: unknown
  readonly rejects: readonly unknown[]
}

async function sendBesideGoodOnes(bad: unknown): Promise<Outcome> {
  // The control of the logs: the canary is there to be leaked.
  expect(JSON.stringify(bad) + payloadOf(bad)).toContain(canary)
  const origin = `${canary}-beside-${records}`
  const [before, after] = [
    delivered(JSON.stringify(valid({ origin }))),
    delivered(JSON.stringify(valid({ origin }))),
  ]
  const { answer, objects } = await invoke(before.record, bad, after.record)
  const rejects = objects.flatMap((object) => object.rejects)
  return { answer, goodOnesCounted: await countedOf(origin), rejects }
}

/** The one outcome that a bad record may have: whole in the bucket, and in nobody's way. */
function rejected(record: unknown, reason: string, position?: unknown): unknown {
  const texts = { detail: expect.any(String) as string, rejectedAt: expect.any(String) as string }
  const line = { reason, ...texts, ...(position !== undefined && { position }), record }
  return {
    answer: noFailures,
    goodOnesCounted: expect.objectContaining({ departures: 2 }) as unknown,
    rejects: [line],
  }
}

function payloadOf(record: unknown): string {
  const data = (record as { readonly kinesis?: { readonly data?: string } }).kinesis?.data ?? ''
  return Buffer.from(data, 'base64').toString('latin1')
}

describe('a payload that cannot be counted is in the bucket whole, with reason and place, and blocks nothing', () => {
  const levels = 10_000
  const minuteMs = 60_000
  test.each<[string, string, () => Uint8Array | string, number?]>([
    ['that is not UTF-8', 'not-utf8', () => Buffer.from(`{"${canary}":"\u00ff"}`, 'latin1')],
    ['that is not JSON', 'not-json', () => `{"${canary}`],
    ['that is empty but for a text', 'wrong-shape', () => `"${canary}"`],
    ['of another shape', 'wrong-shape', () => JSON.stringify({ ...valid(), distance: canary })],
    ['that lacks a member', 'wrong-shape', () => JSON.stringify({ ...valid(), origin: undefined })],
    ['with the members on __proto__ alone', 'wrong-shape', () => `{"__proto__":${JSON.stringify(valid())}}`],
    ['of 1 MiB', 'too-large', () => JSON.stringify(valid({ destination: 'x'.repeat(2 ** 20) }))],
    [
      'of 10,000 levels',
      'too-deep',
      () => altered('{', `{"deep":${'['.repeat(levels)}${']'.repeat(levels)},`),
    ],
    ['of 10,000 levels that never end', 'too-deep', () => `{"${canary}":${'{"a":'.repeat(levels)}`],
    ['with a number beyond all numbers', 'wrong-shape', () => altered('2475', '1e999')],
    ['with a time beyond all times', 'wrong-shape', () => altered(`${now}`, '-1e999')],
    ['with NaN', 'not-json', () => altered('2475', 'NaN')],
    ['with a number that is no whole one', 'wrong-shape', () => altered('2475', '9007199254740993')],
    ['with half a character as key', 'invalid-key', () => altered('LAX', String.raw`\ud83d`)],
    ['that is late', 'late', () => JSON.stringify(valid()), now + 6 * minuteMs],
    ['from the future', 'from-the-future', () => JSON.stringify(valid()), now - 2 * minuteMs],
  ])('%s', async (_, reason, payload, arrivalMs) => {
    const { record, sequenceNumber } = delivered(payload(), arrivalMs)
    const position = { stream: streamArn, shard, sequenceNumber }
    expect(await sendBesideGoodOnes(record)).toEqual(rejected(record, reason, position))
  })
})

describe('a record of an unknown source is in the bucket whole and blocks nothing', () => {
  test('of SQS, which has no place in a stream', async () => {
    const body = JSON.stringify(valid())
    const sqs = {
      messageId: canary,
      body,
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:1:q',
    }
    expect(await sendBesideGoodOnes(sqs)).toEqual(rejected(sqs, 'unknown-source'))
  })

  test('of DynamoDB', async () => {
    const change = { SequenceNumber: '111', Keys: { id: { S: canary } }, StreamViewType: 'KEYS_ONLY' }
    const eventSourceARN = 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/s'
    const record = { eventID: '1', eventSource: 'aws:dynamodb', eventSourceARN, dynamodb: change }
    expect(await sendBesideGoodOnes(record)).toEqual(rejected(record, 'unknown-source'))
  })

  test('of Kinesis without a time of arrival, at its place', async () => {
    const { record, sequenceNumber } = delivered(JSON.stringify(valid()))
    const kinesis = { ...(record['kinesis'] as object), approximateArrivalTimestamp: undefined }
    // As the function receives it: without the member.
    const bad: unknown = JSON.parse(JSON.stringify({ ...record, kinesis }))
    expect(await sendBesideGoodOnes(bad)).toEqual(
      rejected(bad, 'unknown-source', { stream: streamArn, shard, sequenceNumber }),
    )
  })

  test.each([`${canary} text`, [canary], { [canary]: null }])('that is %j', async (bad) => {
    expect(await sendBesideGoodOnes(bad)).toEqual(rejected(bad, 'unknown-source'))
  })
})

describe('names of the prototype', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  test('are counted as origins and as routes like any other key, and make nothing else', async () => {
    const pairs = names.flatMap((origin) => names.map((destination) => ({ origin, destination })))
    const all = pairs.map((fields) => delivered(JSON.stringify(valid(fields))).record)
    expect(await invoke(...all)).toEqual({ answer: noFailures, objects: [] })
    for (const origin of names) {
      expect(await countedOf(origin)).toEqual({
        departures: names.length,
        distance: names.length * 2_475,
        meanDelay: 0,
        bestDelay: 0,
        worstDelay: 0,
        delayQuantiles: { p50: 0, p90: 0, p95: 0, p99: 0 },
        destinations: names.length,
      })
    }
    for (const { origin, destination } of pairs) {
      const [route] = await lambda.read('route', [origin, destination], now)
      expect(route?.values).toMatchObject({ departures: 1, distance: 2_475 })
    }
    const keys = (await lambda.read('origin', undefined, now)).map(({ key }) => key)
    expect(keys).toEqual(expect.arrayContaining(names))
  })

  test('are members of the JSON that change nothing of the event', async () => {
    const origin = `${canary}-members`
    const json = JSON.stringify(valid({ origin }))
    const other = JSON.stringify({ ...valid({ origin: `${canary}-polluted` }), distance: 1 })
    const hostile = json.replace('{', `{"__proto__":${other},"constructor":{"prototype":${other}},`)
    expect(await invoke(delivered(hostile).record)).toEqual({ answer: noFailures, objects: [] })
    expect(await countedOf(origin)).toMatchObject({ departures: 1, distance: 2_475 })
    expect(await countedOf(`${canary}-polluted`)).toMatchObject({ departures: 0 })
  })
})

test('an empty batch answers an empty list and puts nothing into the bucket', async () => {
  expect(await invoke()).toEqual({ answer: noFailures, objects: [] })
})

test('an event that is no batch fails, for there is nothing that could be acknowledged', async () => {
  const { answer, objects } = await lambda.invoke({ [canary]: canary })
  expect(answer).toMatchObject({ errorType: 'Error', errorMessage: expect.not.stringContaining(canary) })
  expect(objects).toEqual([])
})

test('all of it went through one environment, whose logs hold a line of counts for each and nothing of any payload', async () => {
  expect(lambda.coldStarts()).toBe(1)
  await lambda.end()
  const counts = lambda.lines.filter((line) => line.includes('"CloudWatchMetrics"'))
  expect(counts).toHaveLength(invocations)
  expect(lambda.lines.filter((line) => line.includes('Invoke Error'))).toHaveLength(1)
  expect(lambda.lines.filter((line) => mayQuote(line))).toEqual([])
  // The control: any of these would have been found.
  const inBase64 = ['', 'x', 'xx'].map((before) => Buffer.from(`${before}${canary}y`).toString('base64'))
  for (const leak of [canary, ...inBase64, '49590338271499'])
    expect(mayQuote(`{"message":"${leak}"}`)).toBe(true)
})

/** Whether a line holds the canary, as it is or in base64 wherever it begins, a name used as key, or a place. */
function mayQuote(line: string): boolean {
  const inBase64 = [0, 1, 2].map((offset) => {
    const [first, last] = [Math.ceil(offset / 3), Math.floor((offset + canary.length) / 3)]
    return Buffer.from('x'.repeat(offset) + canary)
      .toString('base64')
      .slice(4 * first, 4 * last)
  })
  return [canary, ...inBase64, '__proto__', 'hasOwnProperty', 'LAX', '4959033827'].some((text) =>
    line.includes(text),
  )
}
