import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findJava } from '../../local/services/dynamodb/find-java.ts'

const projectRoot = join(import.meta.dirname, '..', '..')

const java = await findJava(process.env)
const orders =
  java.command === undefined
    ? ` (not the orders: ${java.reason})`
    : ', and that orders are what a scan of their table says'

/** All that the demo starts or writes names this directory, in its variables or its path. */
let temporary: string

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'demo-test-'))
})

afterEach(async () => {
  await rm(temporary, { recursive: true, force: true })
})

test(`npm start -- --once --json proves that every flight counted once${orders}, and leaves nothing behind`, async () => {
  const demo = run('npm', ['start', '--silent', '--', '--once', '--json'])
  const output: string[] = []
  createInterface(demo.stdout).on('line', (line) => output.push(line))
  expect(await exitCodeOf(demo)).toBe(0)

  const number = expect.any(Number) as number
  const common = {
    sent: 20_000,
    duplicatesSent: 1_000,
    garbageSent: 10,
    rejected: 10,
    mismatches: 0,
    invocations: number,
    coldStarts: number,
    environments: number,
    storeRequests: number,
    seconds: number,
  }
  expect(JSON.parse(output.at(-1) ?? '')).toEqual({
    flights: {
      ...common,
      filtered: 0,
      counted: 20_000,
      duplicatesDropped: atLeast(1_000),
      groups: atLeast(3_000),
      estimates: {
        delayQuantiles: { compared: atLeast(800), estimates: atLeast(800), worstError: atMost(0.01) },
        destinations: { compared: atLeast(200), estimates: 0, worstError: 0 },
      },
    },
    punctuality: {
      ...common,
      filtered: 2_005,
      counted: 17_995,
      // Repeats of what is left out are left out again.
      duplicatesDropped: atLeast(800),
      groups: atLeast(900),
      // Of medium and short flights; long ones come from fewer airports than are counted exactly.
      estimates: { airports: { compared: atLeast(15), estimates: atLeast(10), worstError: atMost(0.13) } },
    },
    ...(java.command !== undefined && {
      orders: {
        changes: atLeast(30_000),
        counted: atLeast(30_000),
        lines: atLeast(7_000),
        rejected: 0,
        mismatches: 0,
        groups: 9,
        duplicatesDropped: number,
        invocations: number,
        coldStarts: number,
        environments: number,
        storeRequests: number,
        seconds: number,
      },
    }),
  })
  expect(await leftBehind()).toEqual({ processes: 0, files: [] })
}, 180_000)

test('Ctrl-C ends the live demo with everything that it started', async () => {
  // Not through npm, which answers Ctrl-C with an exit code of its own.
  const demo = run(process.execPath, ['--import', 'tsx', 'demo/main.ts'])
  const lines = createInterface(demo.stdout)[Symbol.asyncIterator]()
  const countedSome = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the demo ended by itself')
      if (/[1-9][\d,]* departures counted/.test(value)) return value
    }
  }
  expect(await countedSome()).toContain('iterator age')
  // The control: it was all there.
  const { processes, files } = await leftBehind()
  expect(processes).toBeGreaterThan(2)
  expect(files).toHaveLength(2)

  // A terminal sends SIGINT to its whole foreground process group.
  process.kill(-(demo.pid ?? 0), 'SIGINT')
  expect(await exitCodeOf(demo)).toBe(0)
  expect(await leftBehind()).toEqual({ processes: 0, files: [] })
}, 60_000)

function atLeast(least: number): number {
  return expect.toSatisfy((value) => value >= least) as number
}

function atMost(most: number): number {
  return expect.toSatisfy((value) => value > 0 && value <= most) as number
}

function run(command: string, args: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(command, args, {
    cwd: projectRoot,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
}

async function exitCodeOf(child: ChildProcess): Promise<unknown> {
  const [exitCode] = (await once(child, 'close')) as unknown[]
  return exitCode
}

async function leftBehind(): Promise<{ processes: number; files: string[] }> {
  const files = (await readdir(temporary)).filter((name) => name.startsWith('streamtally-'))
  let processes = 0
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    // A process may end, or belong to somebody else, between the two calls.
    const environment = await readFile(join('/proc', entry, 'environ'), 'utf8').catch(() => '')
    if (environment.includes(temporary)) processes++
  }
  return { processes, files }
}
