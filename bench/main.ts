import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { runCommand } from '../command-line.ts'

const names = [
  'environments',
  'kinesis-server',
  'large-cell',
  'momento-server',
  'parallelization-factor',
  'sketch-errors',
  'tuning',
] as const

const command = new Command('bench')
  .description('Measures one thing, and says on what machine and commit.')
  .addArgument(new Argument('<name>', 'what to measure').choices(names))
  .option('--quick', 'measure less')
  .option('--plot <file>', 'with parallelization-factor: draw what was measured, as SVG')
  .action(bench)

interface Options {
  readonly quick?: true
  readonly plot?: string
}

/** Each benchmark is a process of its own, so that none warms up or fills the memory of another. */
async function bench(name: string, { quick, plot }: Options): Promise<void> {
  if (plot !== undefined && name !== 'parallelization-factor') command.error(`error: ${name} has no --plot`)
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, commit ${commit()}`)
  const child = fork(join(import.meta.dirname, `${name}.ts`), [
    ...(quick ? ['--quick'] : []),
    ...(plot === undefined ? [] : ['--plot', plot]),
  ])
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  if (exitCode !== 0) throw new Error(`${name} has failed`)
}

function commit(): string {
  return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes')
}

function git(...options: readonly string[]): string {
  return execFileSync('git', options, { encoding: 'utf8' }).trim()
}

await runCommand(command)
