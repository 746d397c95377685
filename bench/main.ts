import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { runCommand } from '../command-line.ts'
import { commit, machine } from './machine.ts'

const names = [
  'handler',
  'store',
  'cold-start',
  'exactness',
  'measures',
  'large-cell',
  'parallelization-factor',
  'kinesis-server',
  'momento-server',
  'environments',
  'tuning',
] as const

const command = new Command('bench')
  .description('Measures one thing, and says on what machine and commit.')
  .addArgument(new Argument('[name]', 'what to measure').choices(names))
  .option('--all', 'measure everything, one after the other')
  .option('--quick', 'measure less')
  .option('--plot <file>', 'with parallelization-factor: draw what was measured, as SVG')
  .action(bench)

interface Options {
  readonly all?: true
  readonly quick?: true
  readonly plot?: string
}

async function bench(name: string | undefined, { all, quick, plot }: Options): Promise<void> {
  if ((name === undefined) === (all === undefined)) command.error('error: it takes a name, or --all')
  if (plot !== undefined && name !== 'parallelization-factor')
    command.error('error: only parallelization-factor has a --plot')
  console.log(`${machine()}, commit ${commit()}`)
  const options = [...(quick ? ['--quick'] : []), ...(plot === undefined ? [] : ['--plot', plot])]
  for (const each of name === undefined ? names : [name]) {
    if (all) console.log(`\n# ${each}\n`)
    await run(each, options)
  }
}

/** Each benchmark is a process of its own, so that none warms up or fills the memory of another. */
async function run(name: string, options: readonly string[]): Promise<void> {
  const child = fork(join(import.meta.dirname, `${name}.ts`), options)
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  if (exitCode !== 0) throw new Error(`${name} has failed`)
}

await runCommand(command)
