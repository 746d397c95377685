import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FunctionConfiguration } from '../../local/lambda/function-configuration.ts'
import { type BundledFlights, flight, kinesisRecord, startBundledFlights } from './bundled-flights.ts'

/**
 * Whose events go through the one environment. The texts are in payloads alone, neither keys nor ids: they may stay in
 * the bucket and nowhere else. Buffers show in a heap by their sizes alone, so each has one that nothing else has.
 */
interface Tenant {
  readonly name: string
  readonly sentAt: number
  readonly texts: { readonly counted: string; readonly rejected: string; readonly foreign: string }
  /** The payloads' sizes. */
  readonly bytes: { readonly counted: number; readonly rejected: number; readonly unreadable: number }
}

const minuteMs = 60_000
const now = Date.now()
const first = tenant('alpha', 0, 77_773)
const second = tenant('bravo', 2 * minuteMs, 88_883)
/** The control's: a handler that keeps its event is found out. */
const kept = tenant('kilo', 0, 99_991)
const noFailures = { batchItemFailures: [] }

let directory: string
let lambda: BundledFlights
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'streamtally-heap-'))
  lambda = await startBundledFlights(withSnapshots)
})
afterAll(async () => {
  await lambda.close()
  rmSync(directory, { recursive: true })
})

function tenant(name: string, ageMs: number, counted: number): Tenant {
  const texts = { counted: `${name}Counted7b1`, rejected: `${name}Rejected7b1`, foreign: `${name}Foreign7b1` }
  const bytes = { counted, rejected: counted + 1_013, unreadable: counted + 2_027 }
  return { name, sentAt: now - ageMs, texts, bytes }
}

/** Runs the bundle behind a handler that, where the event says so, keeps it first, or writes a heap snapshot instead. */
function withSnapshots(configuration: FunctionConfiguration): FunctionConfiguration {
  const [file = '', exportName = ''] = configuration.handler.split('.')
  const bundle = readdirSync(configuration.codeDirectory).find((name) => name.startsWith(`${file}.`)) ?? ''
  const url = pathToFileURL(join(configuration.codeDirectory, bundle)).href
  writeFileSync(
    join(directory, 'index.mjs'),
    `import { setFlagsFromString, writeHeapSnapshot } from 'node:v8'
     import { ${exportName} as bundled } from ${JSON.stringify(url)}
     // Otherwise a snapshot holds the beginnings of texts alone.
     setFlagsFromString('--heap-snapshot-string-limit=200000')
     const kept = []
     export const handler = async (event, context) => {
       if (event.keep) {
         const payloads = event.Records.map(({ kinesis }) => Buffer.from(kinesis?.data ?? '', 'base64'))
         kept.push(event.Records, payloads, String(payloads[0]))
         // V8 looks up the place of each function for a snapshot: in seconds, unless a trace made it note the lines.
         await bundled({}, context).catch(({ stack }) => stack)
       }
       return event.snapshot === undefined ? bundled(event, context) : writeHeapSnapshot(event.snapshot)
     }`,
  )
  return { ...configuration, codeDirectory: directory, handler: 'index.handler' }
}

let records = 0
function record(of: Tenant, payload: string): unknown {
  const sequenceNumber = `${of.name}-sequence-${records++}`
  return kinesisRecord(payload, { sequenceNumber, arrivalMs: now, partitionKey: `${of.name}-partition` })
}

/** JSON of that many bytes, with the text at the end, in a member that no pipeline reads. */
function padded(json: object, text: string, bytes: number): string {
  const shortest = JSON.stringify({ ...json, note: text })
  return JSON.stringify({ ...json, note: text.padStart(text.length + bytes - shortest.length) })
}

/** Something that is counted, repeated, rejected, unreadable and foreign. */
function batchOf(of: Tenant): readonly unknown[] {
  const { name, sentAt, texts, bytes } = of
  const departure = flight({
    flightId: `${name}-id`,
    sentAt,
    origin: `${name}-origin`,
    destination: `${name}-far`,
  })
  const counted = padded(departure, texts.counted, bytes.counted)
  return [
    record(of, counted),
    record(of, counted),
    record(of, padded({ ...departure, distance: 'far' }, texts.rejected, bytes.rejected)),
    record(of, padded(departure, texts.rejected, bytes.unreadable + 1).slice(0, -1)),
    { eventSource: 'aws:sqs', messageId: texts.foreign, body: texts.foreign },
  ]
}

/** What a text looks like within base64, wherever it begins. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const [from, to] = [Math.ceil(offset / 3), Math.floor((offset + text.length) / 3)]
    return Buffer.from('x'.repeat(offset) + text)
      .toString('base64')
      .slice(4 * from, 4 * to)
  })
}

/** Which of a tenant's texts a text holds, as they are or in base64. */
function textsIn(text: string, of: Tenant): string[] {
  return Object.values(of.texts).filter((secret) =>
    [secret, ...inBase64(secret)].some((form) => text.includes(form)),
  )
}

/** The node sizes of a heap snapshot: buffers are in it without their contents. */
function nodeSizes(snapshot: string): ReadonlySet<number> {
  const fields = /"node_fields":(\[[^\]]*\])/.exec(snapshot)?.[1] ?? '[]'
  const nodes = /"nodes":(\[[^\]]*\])/.exec(snapshot)?.[1] ?? '[]'
  const [names, values] = [JSON.parse(fields) as string[], JSON.parse(nodes) as number[]]
  const size = names.indexOf('self_size')
  return new Set(values.filter((_, at) => at % names.length === size))
}

test('what goes through a warm environment after another tenant’s events shows nothing of them', async () => {
  const before = await lambda.invoke({ Records: batchOf(first) })
  // The control: the first tenant was there, and is found by what finds it below.
  expect(before.answer).toEqual(noFailures)
  expect(textsIn(JSON.stringify(before.objects), first)).toEqual([first.texts.rejected, first.texts.foreign])
  expect(Buffer.concat(await lambda.cells(first.sentAt)).toString('latin1')).toContain(first.name)

  const { answer, objects } = await lambda.invoke({ Records: batchOf(second) })
  expect(lambda.coldStarts()).toBe(1)
  expect(answer).toEqual(noFailures)
  expect(objects.map(({ rejects }) => rejects.length)).toEqual([3])
  expect(textsIn(JSON.stringify(objects), second)).toEqual([second.texts.rejected, second.texts.foreign])
  expect(textsIn(JSON.stringify(objects), first)).toEqual([])
  expect(JSON.stringify(objects)).not.toContain(first.name)

  const cells = Buffer.concat(await lambda.cells(second.sentAt)).toString('latin1')
  expect(cells).toContain(second.name)
  expect(cells).not.toContain(first.name)
  const rows = await lambda.read('origin', undefined, second.sentAt)
  expect(rows).toMatchObject([{ key: `${second.name}-origin`, values: { departures: 1 } }])
})

test('between invocations an environment holds no payload, neither its texts nor its bytes', async () => {
  // The control comes first: a handler may keep the last event alone.
  await lambda.invoke({ Records: batchOf(kept), keep: true })
  await lambda.invoke({ Records: batchOf(first) })
  await lambda.invoke({ Records: batchOf(second) })
  const path = join(directory, 'heap.heapsnapshot')
  // Taking one collects all garbage first.
  expect((await lambda.invoke({ snapshot: path })).answer).toBe(path)
  const heap = readFileSync(path, 'latin1')
  const sizes = nodeSizes(heap)
  expect(lambda.coldStarts()).toBe(1)

  for (const of of [first, second]) {
    expect(textsIn(heap, of)).toEqual([])
    expect(Object.values(of.bytes).filter((bytes) => sizes.has(bytes))).toEqual([])
  }
  // The controls: a handler that keeps events is found out by each means, and a key of a warm cell is there.
  expect(textsIn(heap, kept)).toEqual(Object.values(kept.texts))
  expect(heap).toContain(kept.texts.counted)
  expect(Object.values(kept.bytes).filter((bytes) => !sizes.has(bytes))).toEqual([])
  expect(heap).toContain(`${first.name}-origin`)
})

test('its logs hold nothing of any tenant', async () => {
  await lambda.end()
  expect(lambda.lines.filter((line) => line.includes('"CloudWatchMetrics"'))).toHaveLength(5)
  const names = [first, second, kept].map(({ name }) => name)
  const telling = lambda.lines.filter((line) => names.some((name) => line.includes(name)))
  expect(telling).toEqual([])
  const quoting = lambda.lines.flatMap((line) => [first, second, kept].flatMap((of) => textsIn(line, of)))
  expect(quoting).toEqual([])
})
