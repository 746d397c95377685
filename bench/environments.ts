import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readAssembly } from '../local/deploy/assembly.ts'
import { planDeployment } from '../local/deploy/plan.ts'
import { LambdaFunction } from '../local/lambda/lambda-function.ts'
import { synthesise } from '../local/synthesise.ts'
import { configurationOf } from '../test/local/lambda/function-configuration-fixture.ts'

// What an execution environment costs: what an invocation takes beyond the handler's own time, and how long it takes until
// many environments that begin at once are ready, of an empty module and of the real bundle of the flights.

const invocations = 1_000
const quickInvocations = 200
const environments = [1, 8, 40]
/** Answers with the time that it took itself and with the CPU time of its process so far, in milliseconds. */
const EMPTY = `export const handler = async () => {
  const startedMs = performance.now()
  const { user, system } = process.cpuUsage()
  return { ownMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 }
}`

interface Answer {
  readonly ownMs: number
  readonly cpuMs: number
}

async function directoryOf(source: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'environments-'))
  await writeFile(join(directory, 'index.mjs'), source)
  return directory
}

/**
 * What an invocation of a warm environment takes beyond the handler's own time, each in order of size; and its CPU time in
 * this process and the environment's, the mean.
 */
async function overhead(codeDirectory: string, count: number) {
  const lambda = new LambdaFunction(configurationOf(codeDirectory), {
    onLog: ({ text }) => console.error(text),
  })
  const invoke = async (): Promise<Answer> => {
    const result = await lambda.invoke('{"Records":[]}')
    if (result.outcome !== 'answered') throw new Error(JSON.stringify(result))
    return JSON.parse(result.payload) as Answer
  }
  try {
    const first = await invoke()
    const stackCpu = process.cpuUsage()
    const timesMs: number[] = []
    while (timesMs.length < count) {
      const startedMs = performance.now()
      const { ownMs } = await invoke()
      timesMs.push(performance.now() - startedMs - ownMs)
    }
    const { user, system } = process.cpuUsage(stackCpu)
    const last = await invoke()
    const cpuMs = ((user + system) / 1_000 + last.cpuMs - first.cpuMs) / count
    return { timesMs: timesMs.sort((a, b) => a - b), cpuMs }
  } finally {
    await lambda.close()
  }
}

/** How many of so many environments became ready, after how long, and how much memory one had at most, the median. */
async function start(codeDirectory: string, environment: Readonly<Record<string, string>>, count: number) {
  const memoryMb: number[] = []
  const lambda = new LambdaFunction(configurationOf(codeDirectory, { memorySizeMb: 512, environment }), {
    // The bundle says that there is no Momento.
    onLog: () => undefined,
    // Nor is it to look for its secret elsewhere.
    extraEnvironment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
    onPlatformLog: ({ text }) => {
      const [, megabytes] = /Max Memory Used: (\d+) MB\tInit Duration/.exec(text) ?? []
      if (megabytes !== undefined) memoryMb.push(Number(megabytes))
    },
  })
  try {
    const startedMs = performance.now()
    const results = await Promise.all(Array.from({ length: count }, () => lambda.invoke('{"Records":[]}')))
    const seconds = (performance.now() - startedMs) / 1_000
    const ready = results.filter(({ outcome }) => outcome === 'answered').length
    const { coldStarts } = lambda.stats()
    if (coldStarts !== count) throw new Error(`${coldStarts} environments for ${count} invocations`)
    return { ready, seconds, memoryMb: memoryMb.sort((a, b) => a - b)[Math.floor(count / 2)] }
  } finally {
    await lambda.close()
  }
}

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const app = await synthesise()
const directories: string[] = []
try {
  const empty = await directoryOf(EMPTY)
  directories.push(empty)
  const plan = planDeployment(await readAssembly(app.directory))
  const flights = plan.functions.find(
    ({ functionName }) => functionName === plan.outputs['FlightsFunctionName'],
  )
  if (flights === undefined) throw new Error('the template has no flights function')
  const asset = join(flights.codeDirectory, 'index.mjs')
  // The bundle is loaded as it is, but not run: it would want services.
  const bundle = await directoryOf(`import ${JSON.stringify(asset)}\n${EMPTY}`)
  directories.push(bundle)

  const { timesMs, cpuMs } = await overhead(empty, quick ? quickInvocations : invocations)
  const at = (share: number): string => `${timesMs[Math.floor(timesMs.length * share)]?.toFixed(2)} ms`
  console.log('| invocations | median beyond the handler | 90th percentile | 99th | CPU each, mean |')
  console.log('| --- | --- | --- | --- | --- |')
  console.log(`| ${timesMs.length} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} | ${cpuMs.toFixed(2)} ms |\n`)

  console.log('| environments at once | code | ready | after | memory each, median |')
  console.log('| --- | --- | --- | --- | --- |')
  for (const [code, directory, environment] of [
    ['empty', empty, {}],
    ['bundle of flights', bundle, flights.environment],
  ] as const) {
    for (const count of quick ? environments.slice(0, 2) : environments) {
      const { ready, seconds, memoryMb } = await start(directory, environment, count)
      console.log(`| ${count} | ${code} | ${ready} | ${seconds.toFixed(2)} s | ${memoryMb} MB |`)
    }
  }
} finally {
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true })))
  await app.remove()
}
