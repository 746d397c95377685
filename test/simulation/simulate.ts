import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { runCommand, wholeNumberFrom } from '../../command-line.ts'
import { exploreAll } from './explorer/explore.ts'
import { huntMutants } from './mutants/hunt.ts'
import type { Plan } from './plan.ts'
import { addTally, describeFailure, emptyTally, mostFailures, type Tally } from './run.ts'
import type { SeedRange } from './simulate-worker.ts'
import { type WorldName, worldNames } from './worlds.ts'

interface Options {
  readonly seeds: number
  readonly minutes?: number
  readonly from: number
  readonly jobs: number
  readonly world: WorldName
  readonly mutants?: true
  readonly explore?: true
}

const workerPath = join(import.meta.dirname, 'simulate-worker.ts')
const regressionsPath: Readonly<Record<WorldName, string>> = {
  events: join(import.meta.dirname, 'regressions.json'),
  changes: join(import.meta.dirname, 'changes/regressions.json'),
}
/** What a worker does between two reports. */
const seedsPerTurn = 100

const command = new Command('simulate')
  .description('Tells the engine’s stories, one a seed, and holds every one against the invariants.')
  .option('--seeds <count>', 'how many seeds', wholeNumberFrom(1), 10_000)
  .option('--minutes <count>', 'stop after so many minutes', wholeNumberFrom(1))
  .option('--from <seed>', 'the first seed', wholeNumberFrom(0), 0)
  .option('--jobs <count>', 'processes at work', wholeNumberFrom(1), availableParallelism())
  .addOption(new Option('--world <world>', 'of what').choices(worldNames).default('events'))
  .option(
    '--mutants',
    'tell them to engines that are wrong, each until one breaks something: exits 1 if one survives',
  )
  .option('--explore', 'instead of by chance, in every order of a few requests')
  .action(run)

async function run(options: Options): Promise<void> {
  const { from, seeds, jobs, mutants, explore } = options
  let failures = 0
  if (mutants === true) failures += await huntMutants(from, seeds, jobs)
  if (explore === true) failures += await exploreAll()
  if (failures > 0) process.exitCode = 1
  if (mutants !== true && explore !== true) await simulate(options)
}

async function simulate({ seeds, minutes, from, jobs, world }: Options): Promise<void> {
  const startedAtMs = performance.now()
  const endsAtMs = minutes === undefined ? Infinity : startedAtMs + minutes * 60_000
  const total = emptyTally()
  const end = from + seeds
  let next = from

  const work = async (): Promise<void> => {
    const worker = fork(workerPath, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    try {
      while (next < end && performance.now() < endsAtMs && total.failures.length < mostFailures) {
        const range = { from: next, to: Math.min(next + seedsPerTurn, end), world }
        next = range.to
        addTally(total, await tallyOf(worker, range))
        console.error(`${total.runs} of ${seeds} seeds, ${total.failures.length} failures`)
      }
    } finally {
      if (worker.connected) worker.disconnect()
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))

  const elapsedSeconds = (performance.now() - startedAtMs) / 1_000
  for (const failure of total.failures) console.log(`${describeFailure(failure)}\n`)
  console.log(summaryOf(total, from, elapsedSeconds, jobs))
  if (total.failures.length > 0) {
    remember(
      total.failures.map(({ plan }) => plan),
      regressionsPath[world],
    )
    process.exitCode = 1
  }
}

async function tallyOf(worker: ChildProcess, range: SeedRange): Promise<Tally> {
  const ended = new AbortController()
  const lost = once(worker, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`the process with the seeds ${range.from} to ${range.to} has ended`)
  })
  try {
    worker.send(range)
    const [tally] = (await Promise.race([once(worker, 'message', { signal: ended.signal }), lost])) as [Tally]
    return tally
  } finally {
    lost.catch(() => undefined)
    ended.abort()
  }
}

function summaryOf(
  { runs, requests, steps, situations, failures }: Tally,
  from: number,
  seconds: number,
  jobs: number,
) {
  return [
    `${runs} seeds from ${from} in ${seconds.toFixed(0)} s: ${(runs / seconds / jobs).toFixed(0)} seeds a second and process`,
    `${requests} requests, ${steps} steps`,
    ...Object.entries(situations).map(([name, times]) => `${String(times).padStart(10)}  ${name}`),
    `${failures.length} failures${failures.map(({ seed, violation }) => `\n  seed ${seed}: ${violation.invariant}`).join('')}`,
  ].join('\n')
}

/** The tests tell these again for ever. */
function remember(plans: readonly Plan[], path: string): void {
  const known = JSON.parse(readFileSync(path, 'utf8')) as readonly Plan[]
  const news = plans.filter((plan) => !known.some((each) => JSON.stringify(each) === JSON.stringify(plan)))
  writeFileSync(path, `${JSON.stringify([...known, ...news], undefined, 2)}\n`)
}

await runCommand(command)
