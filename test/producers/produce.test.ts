import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deadEndpoint, localAws, runScript } from '../run-script.ts'
import { startTestKinesis } from '../local/services/kinesis/start-test-kinesis.ts'
import { startTestTable } from './lib/test-table.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>
let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
  kinesis = await startTestKinesis()
})
afterAll(async () => {
  await kinesis.close()
  await rm(directory, { recursive: true })
})

const produce = (args: readonly string[], environment = {}) =>
  runScript('producers/produce.ts', args, { ...localAws, ...environment })

describe.concurrent('produce flights', () => {
  it('sends what was asked for, and its journal and its summary say so', async () => {
    const stream = kinesis.streams.create('flights', { shardCount: 2 })
    const journal = join(directory, 'journal.ndjson')
    const { exitCode, stdout } = await produce(
      ['flights', '--limit', '30', '--duplicates', '10%', '--garbage', '2', '--journal', journal, '--json'],
      { STREAM_NAME: 'flights', AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint },
    )
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      sent: 30,
      duplicatesSent: 3,
      garbageSent: 2,
      refused: 0,
      interrupted: false,
    })
    const places = stream.shards.flatMap(({ shardId, records }) =>
      records.map(({ sequenceNumber }) => `${shardId} ${sequenceNumber}`),
    )
    const lines = (await readFile(journal, 'utf8')).trim().split('\n')
    const noted = lines.map((line) => JSON.parse(line) as { shardId: string; sequenceNumber: string })
    expect(noted.map((line) => `${line.shardId} ${line.sequenceNumber}`).sort()).toEqual(places.sort())
    expect(places).toHaveLength(35)
  })

  it('fails soon, with one line, when the stream cannot be reached', async () => {
    const { exitCode, stdout, stderr } = await produce(['flights', '--stream', 'flights', '--limit', '5'], {
      AWS_ENDPOINT_URL_KINESIS: deadEndpoint,
    })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^0 events, /)
    expect(stderr).toMatch(/^( +\d+ s  0 records.*\n)*error: .*ECONNREFUSED 127\.0\.0\.1:9.*\n$/)
  })
})

describe.concurrent('produce lines', () => {
  it('sends each line as it is, under the text of the named member', async () => {
    const stream = kinesis.streams.create('lines', { shardCount: 1 })
    const file = join(directory, 'lines.ndjson')
    const lines = ['{"page": "/home",  "n": 1}', '{"n": 2, "page": "/é"}']
    await writeFile(file, `${lines.join('\n')}\n\n`)
    const args = ['lines', file, '--stream', 'lines', '--partition-key', 'page', '--json']
    const { exitCode, stdout } = await produce(args, { AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint })
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { sent: 2, interrupted: false }])
    const sent = stream.shards.flatMap(({ records }) =>
      records.map(({ partitionKey, data }) => [partitionKey, Buffer.from(data).toString()]),
    )
    expect(sent).toEqual([
      ['/home', lines[0]],
      ['/é', lines[1]],
    ])
  })

  it('names the first line that has no partition key', async () => {
    kinesis.streams.create('wrong-lines', { shardCount: 1 })
    const file = join(directory, 'wrong-lines.ndjson')
    await writeFile(file, '{"page": "/home"}\n{"page": 7}\n')
    const args = ['lines', file, '--stream', 'wrong-lines', '--partition-key', 'page']
    const { exitCode, stdout, stderr } = await produce(args, { AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint })
    expect(stdout).toMatch(/^1 events, /)
    expect([exitCode, stderr]).toEqual([1, 'error: line 2 is not a JSON object with a text as page\n'])
  })
})

describe.concurrent('produce orders', () => {
  it('writes what was asked for, and its journal and its summary say so', async () => {
    const table = await startTestTable()
    const journal = join(directory, 'orders.ndjson')
    const args = ['orders', '--limit', '20', '--seed', '7', '--journal', journal, '--json']
    const environment = { TABLE_NAME: 'orders', AWS_ENDPOINT_URL_DYNAMODB: table.endpoint }
    const { exitCode, stdout } = await produce(args, environment)
    await table.close()
    const ways = [...table.histories.values()]
    const countOf = (statuses: readonly string[]): number =>
      ways.flat().filter((status) => statuses.includes(status)).length
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        placed: 20,
        moved: countOf(['paid', 'shipped', 'delivered', 'cancelled']),
        deleted: countOf(['deleted']),
        conflicts: 0,
        refused: 0,
        seed: 7,
        interrupted: false,
      },
    ])
    const lines = (await readFile(journal, 'utf8')).trim().split('\n')
    const noted = lines.map((line) => JSON.parse(line) as { new?: { lineId: string; status: string } })
    expect(lines).toHaveLength(ways.flat().length)
    for (const [lineId, way] of table.histories) {
      const statuses = noted.flatMap((change) => (change.new?.lineId === lineId ? [change.new.status] : []))
      expect(statuses).toEqual(way.filter((status) => status !== 'deleted'))
    }
  })

  it('fails soon, with one line, when the table cannot be reached', async () => {
    const { exitCode, stdout, stderr } = await produce(['orders', '--table', 'orders', '--limit', '5'], {
      AWS_ENDPOINT_URL_DYNAMODB: deadEndpoint,
    })
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^0 lines placed, /)
    expect(stderr).toMatch(/^( +\d+ s  0 changes.*\n)*error: .*ECONNREFUSED 127\.0\.0\.1:9.*\n$/)
  })
})

describe.concurrent('a wrong command line ends with 2 and one line that says what is wrong', () => {
  it.each([
    [['flights', '--stream', 'flights', '--speed', '9'], "error: unknown option '--speed'\n"],
    [['orders', '--table', 'orders', '--stream', 'x'], "error: unknown option '--stream'\n"],
    [['orders'], "error: required option '--table <name>' not specified\n"],
    [['flights'], "error: required option '--stream <name>' not specified\n"],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await produce(args)
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: message })
  })

  it('while asking for help is right', async () => {
    const { exitCode, stdout, stderr } = await produce(['flights', '--help'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage: produce flights [options]')
  })
})
