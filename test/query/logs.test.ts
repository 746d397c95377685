import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { beforeAll, afterAll, expect, onTestFinished, test } from 'vitest'
import type { RunningService } from '../../local/services/aws-json-server.ts'
import { LogGroups } from '../../local/services/logs/log-groups.ts'
import { startLogsServer } from '../../local/services/logs/server.ts'
import { deadEndpoint, localAws, runScript } from '../run-script.ts'

const FLIGHTS = 'streamtally-dev-FlightsLogs0A1B2C3D'
const script = 'query/logs.ts'
const groups = new LogGroups({ region: 'us-east-1', accountId: '123456789012', nowMs: Date.now })
let server: RunningService

/** Adds a line of an environment, so many ms old. */
function add(groupName: string, ageMs: number, message: string): void {
  groups.add(groupName, 'environment', Date.now() - ageMs, message)
}

beforeAll(async () => {
  server = await startLogsServer(groups)
  const names = [
    FLIGHTS,
    `${FLIGHTS}Function`,
    'streamtally-dev-NightFlightsLogs0A1B2C3D',
    'dev-OrdersLogs0A1B2C3D-XYZ',
    'prod-OrdersLogs0A1B2C3D-XYZ',
  ]
  for (const name of names) groups.create(name)
  add(FLIGHTS, 3_600_000, 'an old line')
  add(FLIGHTS, 2_000, 'START RequestId: 1')
  add(FLIGHTS, 1_000, 'store requests failed: TIMEOUT\n')
  add('prod-OrdersLogs0A1B2C3D-XYZ', 1_000, 'of production')
})

afterAll(() => server.close())

function environment(endpoint = server.endpoint): Record<string, string> {
  return { ...localAws, AWS_MAX_ATTEMPTS: '1', AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint }
}

function logs(...args: string[]) {
  return runScript(script, args, environment())
}

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`

test('the lines of the last ten minutes are printed with their times', async () => {
  const { exitCode, stdout, stderr } = await logs('flights')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(
    new RegExp(`^${time}  START RequestId: 1\n${time}  store requests failed: TIMEOUT\n$`),
  )
})

test('--since goes further back, --filter takes terms, and --json prints objects', async () => {
  const { stdout } = await logs('flights', '--since', '2h', '--filter', '-START -TIMEOUT', '--json')
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([{ time: expect.stringMatching(time), stream: 'environment', message: 'an old line' }])
})

test('of several stacks a group has to be named', async () => {
  const unnamed = await logs('orders')
  expect(unnamed).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: --log-group has to name one of dev-OrdersLogs0A1B2C3D-XYZ, prod-OrdersLogs0A1B2C3D-XYZ\n',
  })
  const named = await logs('orders', '--log-group', 'prod-OrdersLogs0A1B2C3D-XYZ')
  expect(named).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('of production') })
})

test.each([
  [['punctuality'], 'no log group *-PunctualityLogs* is there'],
  [['flights', '--log-group', 'other'], 'The specified log group does not exist'],
  [['flights', '--filter', '?a'], 'Invalid filter pattern'],
])('%j fails', async (args, message) => {
  const { exitCode, stdout, stderr } = await logs(...args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toContain(message)
})

test('without an answer it fails', async () => {
  const ended = await runScript(script, ['flights'], environment(deadEndpoint))
  expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error: .*\n$/) })
})

test.each([[[]], [['nothing']], [['flights', '--since', 'today']], [['flights', '--tail']]])(
  '%j is wrong usage',
  async (args) => {
    expect(await logs(...args)).toMatchObject({ exitCode: 2, stdout: '' })
  },
)

test('--help says how', async () => {
  expect(await logs('--help')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('--follow') })
})

test('--follow prints each line once as it comes, until it is interrupted', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, 'flights', '--follow'], {
    env: { PATH: process.env['PATH'], ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed: string[] = []
  const lines = createInterface(child.stdout)
  const isPrinted = (text: string): Promise<void> =>
    new Promise((resolve) => {
      lines.on('line', (line) => {
        if (line.endsWith(text)) resolve()
      })
    })
  lines.on('line', (line) => printed.push(line.replace(/^\S+ {2}/, '')))
  const talk: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => talk.push(chunk))
  await isPrinted('TIMEOUT')
  for (const text of ['one more', 'and another']) {
    const seen = isPrinted(text)
    add(FLIGHTS, 0, text)
    await seen
  }
  const ended = once(child, 'close')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
  expect(Buffer.concat(talk).toString()).toBe('')
  expect(printed).toEqual(['START RequestId: 1', 'store requests failed: TIMEOUT', 'one more', 'and another'])
})
