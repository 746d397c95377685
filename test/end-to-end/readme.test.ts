import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  count,
  distinct,
  first,
  last,
  max,
  mean,
  min,
  quantiles,
  standardDeviation,
  sum,
  variance,
} from '../../consumers/engine/pipeline.ts'

const projectRoot = join(import.meta.dirname, '..', '..')
const boundMs = 80_000

let clone = ''

beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'readme-test-'))
  await run('git', ['clone', '--quiet', projectRoot, clone], tmpdir())
  await symlink(join(projectRoot, 'node_modules'), join(clone, 'node_modules'))
})

afterAll(async () => {
  await rm(clone, { recursive: true, force: true })
})

test("the readme's way to one's own pipeline, followed to the letter in a fresh clone, counts its events; so does its change", async () => {
  const readme = await readFile(join(clone, 'README.md'), 'utf8')
  const steps = codeOf(readme, 'Your own pipeline')
  for (const { path, code } of steps) if (path !== undefined) await write(path, code)
  const shell = steps.filter(({ language }) => language === 'sh').map(({ code }) => code)
  expect(shell).toHaveLength(2)
  // A folder beside the first definition's saves a second check of all types.
  const [change] = codeOf(readme, 'Windows, filters and measures')
  await write('consumers/changed/pipeline.ts', change?.code ?? '')
  await write('consumers/changed/event.ts', steps[0]?.code ?? '')

  const [table] = codeOf(readme, 'Aggregate a table')
  await write(table?.path ?? '', table?.code ?? '')

  await run('npx', ['tsc'], clone)
  const output = await run('bash', ['-euo', 'pipefail', '-c', shell.join('\n')], clone)
  expect(output).toMatch(/^window +page +longestMs +meanDurationMs +views$/m)
  expect(output).toMatch(/Z +\/home +1200 +1000 +2 +open/m)

  const counted = await run(process.execPath, ['--import', 'tsx', '--eval', countWithChange], clone)
  expect(JSON.parse(counted)).toEqual([['/home', 'views'], ['/home', 'durations,slowShare,views'], null])
}, 90_000)

/** Which measures a view has for its page: before the change, after it, and where the change leaves it out. */
const countWithChange = `import('./consumers/changed/pipeline.ts').then(({ pageViews }) => {
  const at = pageViews.effectiveFromMs
  const counted = (pipeline, page) => {
    const view = { viewId: 'v', at, page, durationMs: 5 }
    const [[share] = []] = pipeline.evaluate(view, { arrivalMs: at }).contribute()?.shares ?? []
    const names = pipeline.keptMeasures[0].map(({ name }) => name)
    return share && [share.key, names.slice(0, share.states.length).join()]
  }
  const views = [[pageViews.predecessor, '/home'], [pageViews, '/home'], [pageViews, '/health']]
  console.log(JSON.stringify(views.map(([pipeline, page]) => counted(pipeline, page))))
})`

test("the readme's table of measures gives the largest states, and which measures can be taken back", async () => {
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8')
  const measures = new Map<string, { readonly maximumStateBytes: number }>(
    Object.entries({
      count: count(),
      sum: sum(value),
      mean: mean(value),
      variance: variance(value),
      standardDeviation: standardDeviation(value),
      min: min(value),
      max: max(value),
      first: first(value),
      last: last(value),
      distinct: distinct(value),
      quantiles: quantiles(value),
    }),
  )
  const rows = readme.split('\n').filter((line) => / (up to [\d,]+|yes|no) +\|$/.test(line))
  const said = rows.flatMap((line) => {
    const [, names = '', , , bytes = '', takesBack = ''] = line.split('|')
    const largest = /up to ([\d,]+)/.exec(bytes)?.[1]?.replaceAll(',', '')
    return Array.from(names.matchAll(/`(\w+)/g), ([, name = '']) => [name, largest, takesBack.trim()])
  })
  const isFixed = ([name = '']: readonly unknown[]): boolean => measures.has(String(name))
  expect(said.filter(isFixed)).toEqual(
    Array.from(measures, ([name, measure]) => [
      name,
      String(measure.maximumStateBytes),
      'negate' in measure ? 'yes' : 'no',
    ]),
  )
})

function value(): number {
  return 1
}

interface CodeBlock {
  readonly language: string
  readonly code: string
  /** Of a file of TypeScript, as its first line says. */
  readonly path: string | undefined
}

function codeOf(readme: string, section: string): CodeBlock[] {
  const [, text = ''] = readme.split(new RegExp(`^## ${section}$`, 'm'))
  const [ofSection = ''] = text.split(/^## /m)
  return [...ofSection.matchAll(/^```(ts|sh)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = '']) => {
    const path = /^\/\/ (consumers\/\S+\.ts)\n/.exec(code)?.[1]
    if (language === 'ts' && path === undefined) throw new Error(`of no file: ${code}`)
    return { language, code, path }
  })
}

async function write(path: string, code: string): Promise<void> {
  await mkdir(dirname(join(clone, path)), { recursive: true })
  await writeFile(join(clone, path), code)
}

async function run(command: string, args: readonly string[], directory: string): Promise<string> {
  const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const output: string[] = []
  const talk: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => talk.push(chunk))
  const closed = once(child, 'close')
  // A step that waits for what never comes would otherwise outlive the test.
  const bound = setTimeout(() => endGroup(child.pid, 'SIGKILL'), boundMs)
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  clearTimeout(bound)
  endGroup(child.pid, 'SIGINT')
  await closed
  if (exitCode !== 0)
    throw new Error(`${command} exited with ${exitCode}:\n${output.join('')}\n${talk.join('')}`)
  return output.join('')
}

/** What Ctrl-C does to what a shell left running. */
function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch (error) {
    // Nothing was left running.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
