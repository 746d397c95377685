import { CredentialProvider } from '@gomomento/sdk'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { momentoCellStore } from '../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../consumers/adapters/momento-clients.ts'
import { cellAddress } from '../../consumers/engine/cell.ts'
import { bucketOf } from '../../consumers/engine/identity.ts'
import type { SourceRecord } from '../../consumers/engine/ports.ts'
import { processBatch } from '../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../consumers/engine/warm-cells.ts'
import { startOf } from '../../consumers/engine/windows.ts'
import type { Flight } from '../../consumers/flights/event.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { type MomentoServer, startMomento } from '../../local/momento/server.ts'
import type { RunningService } from '../../local/services/aws-json-server.ts'
import { startSecretsManager } from '../../local/services/secrets-manager.ts'
import { localAws, runScript } from '../run-script.ts'

const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:momento-a1b2c3'
const brokenSecretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:broken-a1b2c3'
const minuteMs = 60_000
/** Young enough to be read, and still open. */
const windowStart = startOf(Date.now(), minuteMs) - 5 * minuteMs
const range = ['--from', String(windowStart), '--to', String(windowStart + minuteMs)]

let momento: MomentoServer
let secrets: RunningService
let environment: Readonly<Record<string, string>> = {}

beforeAll(async () => {
  momento = await startMomento({ caches: ['cache'] })
  const { hostname, port } = momento
  secrets = await startSecretsManager({
    secrets: new Map([
      [secretArn, { name: 'momento', secretString: JSON.stringify({ momentoLocal: { hostname, port } }) }],
      [brokenSecretArn, { name: 'broken', secretString: '{"apiKey":"hush' }],
    ]),
  })
  environment = {
    ...localAws,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    MOMENTO_SECRET_ARN: secretArn,
    MOMENTO_CACHE_NAME: 'cache',
  }
  await count([
    { origin: 'JFK', destination: 'LAX', distance: 2_475, delay: 10 },
    { origin: 'JFK', destination: 'SFO', distance: 2_586, delay: -3 },
    { origin: 'LAX', destination: 'JFK', distance: 2_475, delay: 0 },
  ])
})
afterAll(async () => {
  await secrets.close()
  await momento.close()
})

/** Counts departures as a function does: through the engine, the adapter and the SDK. */
async function count(departures: readonly Omit<Flight, 'flightId' | 'sentAt'>[]): Promise<void> {
  const { hostname, port } = momento
  const clients = new MomentoClients(async () => CredentialProvider.forMomentoLocal({ hostname, port }))
  const records = departures.map((departure, index): SourceRecord => {
    const flight: Flight = { flightId: `flight-${index}`, sentAt: windowStart + index, ...departure }
    return {
      position: { stream: 'arn:flights', shard: 'shardId-000000000000', sequenceNumber: String(index) },
      partitionKey: departure.origin,
      arrivalMs: windowStart + index,
      payload: Buffer.from(JSON.stringify(flight)),
      raw: undefined,
    }
  })
  const report = await processBatch(
    flights,
    records,
    {
      store: momentoCellStore(clients, 'cache'),
      failedRecords: { writeTimeoutMs: 0, write: () => Promise.resolve() },
      clock: { nowMs: () => Date.now(), sleep: () => Promise.resolve() },
      random: { bytes: (bytes) => new Uint8Array(bytes), fraction: () => 0 },
      deadline: { remainingMs: () => 10_000 },
    },
    new WarmCells(),
  )
  await clients.close()
  expect(report.counted).toBe(departures.length)
}

const query = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runScript('query/query.ts', args, { ...environment, ...more })

function reads(): number {
  return momento.counters().methods['GetWithHash']?.requests ?? 0
}

/** The keys of all routes that are printed. */
async function routes(...more: readonly string[]): Promise<unknown[]> {
  const { stdout } = await query(['flights', '--group', 'route', ...range, '--json', ...more])
  return (JSON.parse(stdout) as { key: unknown }[]).map(({ key }) => key)
}

describe('query flights', () => {
  it('prints every group of a grouping as JSON, with exactly the promised members', async () => {
    const before = reads()
    const { exitCode, stdout, stderr } = await query(['flights', '--group', 'origin', ...range, '--json'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '1 window, 4 reads\n' })
    expect(reads() - before).toBe(flights.buckets)
    const common = {
      grouping: 'origin',
      windowStart,
      windowEnd: windowStart + minuteMs,
      complete: true,
      lossy: false,
      final: false,
      closesAt: windowStart + minuteMs + flights.allowedLatenessMs + flights.maximumRecordAgeMs + 100_000,
      asOf: expect.any(Number) as number,
    }
    expect(JSON.parse(stdout)).toEqual([
      {
        ...common,
        key: 'JFK',
        values: {
          departures: 2,
          distance: 5_061,
          meanDelay: 3.5,
          bestDelay: -3,
          worstDelay: 10,
          delayQuantiles: { p50: -3, p90: -3, p95: -3, p99: -3 },
          destinations: 2,
        },
      },
      {
        ...common,
        key: 'LAX',
        values: {
          departures: 1,
          distance: 2_475,
          meanDelay: 0,
          bestDelay: 0,
          worstDelay: 0,
          delayQuantiles: { p50: 0, p90: 0, p95: 0, p99: 0 },
          destinations: 1,
        },
      },
    ])
  })

  it('reads one bucket for one key of the grouping that is bucketed by', async () => {
    const before = reads()
    const { exitCode, stdout } = await query(['flights', '--group', 'origin', '--key', 'JFK', ...range])
    expect(exitCode).toBe(0)
    expect(reads() - before).toBe(1)
    const [header, row, ...others] = stdout.trim().split('\n')
    expect(header?.split(/ +/).slice(0, 3)).toEqual(['window', 'origin', 'bestDelay'])
    expect(row).toMatch(/ JFK +-3 .* open until \S+Z$/)
    expect(others).toEqual([])
  })

  it('finds a composite key, which is in any bucket, and gives an empty row for one without events', async () => {
    const before = reads()
    const [found, none] = await Promise.all(
      ['JFK|LAX', 'JFK|ORD'].map(async (key) => {
        const { stdout } = await query(['flights', '--group', 'route', '--key', key, ...range, '--json'])
        return JSON.parse(stdout) as object[]
      }),
    )
    expect(reads() - before).toBe(2 * flights.buckets)
    expect(found).toMatchObject([{ key: ['JFK', 'LAX'], values: { departures: 1 }, complete: true }])
    expect(none).toMatchObject([{ key: ['JFK', 'ORD'], values: { departures: 0 }, complete: true }])
  })

  it('adds up all windows of a range, or of all that the cache still holds', async () => {
    const args = ['flights', '--group', 'origin', '--key', 'JFK', '--total', '--json']
    const from = windowStart - 10 * minuteMs
    const [ofRange, ofAll] = await Promise.all(
      [['--from', String(from)], []].map(async (more) => {
        const { stdout, stderr } = await query([...args, ...more])
        return { rows: JSON.parse(stdout) as { windowStart: number }[], stderr }
      }),
    )
    const total = [{ key: 'JFK', values: { departures: 2, distance: 5_061 }, complete: true }]
    expect(ofRange?.rows).toMatchObject(total.map((row) => ({ ...row, windowStart: from })))
    expect(ofRange?.stderr).toMatch(/^1 window, 1[67] reads\n$/)
    expect(ofAll?.rows).toMatchObject(total)
    const lifetimeMs = flights.allowedLatenessMs + flights.maximumRecordAgeMs + flights.retentionMs
    expect(Date.now() - Number(ofAll?.rows[0]?.windowStart)).toBeGreaterThan(lifetimeMs - 5 * minuteMs)
  })

  it('gives the groups with the most of a measure, and all of them without --top', async () => {
    const [top, all] = await Promise.all([routes('--top', '2', '--by', 'worstDelay'), routes()])
    expect(top).toEqual([
      ['JFK', 'LAX'],
      ['LAX', 'JFK'],
    ])
    expect(all).toHaveLength(3)
  })

  it('prints CSV with a column for each quantile and CR LF after each line', async () => {
    const { exitCode, stdout } = await query([
      'flights',
      '--group',
      'origin',
      '--key',
      'JFK',
      ...range,
      '--csv',
    ])
    expect(exitCode).toBe(0)
    const [header = '', line = '', rest] = stdout.split('\r\n')
    const cells = line.split(',')
    const row = new Map(header.split(',').map((name, index) => [name, cells[index]]))
    expect(Object.fromEntries(row)).toMatchObject({
      windowStart: new Date(windowStart).toISOString(),
      origin: 'JFK',
      departures: '2',
      'delayQuantiles.p50': '-3',
      meanDelay: '3.5',
      final: 'false',
    })
    expect(rest).toBe('')
  })

  it('ends with 1 and marks every row incomplete when one of the cells cannot be read', async () => {
    const other = (bucketOf('JFK', flights.buckets) + 1) % flights.buckets
    const unreadable = cellAddress(flights, windowStart, other)
    momento.setFaults({
      onApplied: ({ key }) => {
        if (Buffer.from(key).toString() === unreadable) throw new Error('out of order')
      },
    })
    onTestFinished(() => momento.setFaults({}))
    const { exitCode, stdout, stderr } = await query(['flights', '--group', 'origin', ...range, '--json'])
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^1 window, 4 reads\nwarning: 1 window not complete: 1 of 4 reads failed: .*\n$/)
    const rows = JSON.parse(stdout) as { key: string; complete: boolean }[]
    expect(rows.map(({ key }) => key)).toContain('JFK')
    expect(rows.filter(({ complete }) => complete)).toEqual([])
  })
})

describe.concurrent('what fails ends with 1 and one line, and prints no rows', () => {
  it('Momento cannot be reached', async () => {
    const nowhere = await startSecretsManager({
      secrets: new Map([
        [secretArn, { name: 'momento', secretString: '{"momentoLocal":{"hostname":"127.0.0.1","port":9}}' }],
      ]),
    })
    const oneKey = ['flights', '--group', 'origin', '--key', 'JFK', ...range, '--json']
    const { exitCode, stdout, stderr } = await query(oneKey, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: nowhere.endpoint,
    })
    await nowhere.close()
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(/^error: 1 of 1 reads failed: [A-Z_]+\n$/)
  })

  it('the secret is not as it should be, and is not quoted', async () => {
    const { exitCode, stdout, stderr } = await query(['flights', '--group', 'origin', ...range, '--json'], {
      MOMENTO_SECRET_ARN: brokenSecretArn,
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toBe(
      `error: secret ${brokenSecretArn} is not {"apiKey": "...", "endpoint": "cell-....momentohq.com"}\n`,
    )
  })
})

describe.concurrent('a wrong command line ends with 2 and one line that says what is wrong', () => {
  it.each([
    [
      ['flights', '--group', 'airline'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: flights has no grouping airline; it has origin, route\n',
    ],
    [
      ['flights', '--group', 'origin', '--from', '120000', '--to', '60000'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: --from is not before --to\n',
    ],
    [
      ['flights', '--group', 'origin', '--top', '3'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: --top and --by go together\n',
    ],
    [
      ['flights', '--group', 'origin', '--by', 'departures'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: --top and --by go together\n',
    ],
    [
      ['flights', '--group', 'origin', '--key', 'JFK', '--top', '3', '--by', 'departures'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: --top takes groups among all of them, and --key reads one\n',
    ],
    [
      ['flights', '--group', 'route', '--top', '3', '--by', 'destinations'],
      { MOMENTO_SECRET_ARN: secretArn },
      'error: flights keeps no measure destinations to rank route by; it keeps bestDelay, departures, distance, meanDelay, worstDelay\n',
    ],
    [
      ['flights', '--group', 'origin', '--json', '--csv'],
      { MOMENTO_SECRET_ARN: secretArn },
      "error: option '--json' cannot be used with option '--csv'\n",
    ],
    [['flights', '--group', 'origin'], {}, "error: required option '--secret <arn>' not specified\n"],
  ])('%j', async (args, secret, message) => {
    const { exitCode, stdout, stderr } = await runScript('query/query.ts', args, {
      ...localAws,
      MOMENTO_CACHE_NAME: 'cache',
      ...secret,
    })
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 2, stdout: '', stderr: message })
  })
})
