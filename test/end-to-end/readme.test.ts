import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const projectRoot = join(import.meta.dirname, '..', '..')
const section = 'Your own pipeline'
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

test("the readme's way to one's own pipeline, followed to the letter in a fresh clone, counts its events", async () => {
  const readme = await readFile(join(clone, 'README.md'), 'utf8')
  const [, text = ''] = readme.split(new RegExp(`^## ${section}$`, 'm'))
  const [steps = ''] = text.split(/^## /m)
  const blocks = [...steps.matchAll(/^```(ts|sh)\n([\s\S]*?)^```$/gm)].map(([, language, code = '']) => ({
    language,
    code,
  }))
  for (const { language, code } of blocks) {
    if (language !== 'ts') continue
    const path = /^\/\/ (consumers\/\S+\.ts)\n/.exec(code)?.[1] ?? ''
    expect(path).not.toBe('')
    await mkdir(dirname(join(clone, path)), { recursive: true })
    await writeFile(join(clone, path), code)
  }
  const shell = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code)
  expect(shell).toHaveLength(2)

  await run('npx', ['tsc'], clone)
  const output = await run('bash', ['-euo', 'pipefail', '-c', shell.join('\n')], clone)
  expect(output).toMatch(/^window +page +longestMs +meanDurationMs +views$/m)
  expect(output).toMatch(/Z +\/home +1200 +1000 +2 +open$/m)
}, 90_000)

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
