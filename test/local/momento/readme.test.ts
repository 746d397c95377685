import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const projectRoot = join(import.meta.dirname, '..', '..', '..')
const section = 'Momento on your laptop'
const linked = ['command-line.ts', 'local', 'node_modules', 'package.json', 'tsconfig.json']
const boundMs = 15_000

test("the readme's way to a Momento of one's own, followed to the letter", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'momento-readme-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const name of linked) await symlink(join(projectRoot, name), join(directory, name))
  const blocks = codeOf(await readFile(join(projectRoot, 'README.md'), 'utf8'))
  const program = blocks.find(({ language }) => language === 'ts')?.code ?? ''
  const path = /^\/\/ (\.local\/\S+)\n/.exec(program)?.[1] ?? ''
  await mkdir(join(directory, '.local'))
  await writeFile(join(directory, path), program)

  const shell = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code)
  const lines = (await runShell(shell.join('\n'), directory)).trim().split('\n')

  expect(lines.slice(0, 2)).toEqual(['Stored', 'hello'])
  expect(JSON.parse(lines[2] ?? '')).toEqual({ loseAnswerRate: 1, methods: ['SetIf'], seed: 7 })
  expect(lines.slice(3, 5)).toEqual(['Error', 'hello'])
  expect(lines.slice(5, 7)).toEqual(['{}', '{"isEvicted":true}'])
  expect(JSON.parse(lines[7] ?? '')).toMatchObject({
    answersLost: 1,
    methods: { SetIf: { requests: 2, errors: { UNAVAILABLE: 1 } }, Get: { requests: 2 } },
  })
  expect(lines).toHaveLength(8)
})

function codeOf(readme: string): { readonly language: string; readonly code: string }[] {
  const [, text = ''] = readme.split(new RegExp(`^## ${section}$`, 'm'))
  const [ofSection = ''] = text.split(/^## /m)
  const blocks = ofSection.matchAll(/^```(ts|sh)\n([\s\S]*?)^```$/gm)
  return [...blocks].map(([, language = '', code = '']) => ({ language, code }))
}

/** Runs commands as a person would type them; what they leave running is interrupted, as Ctrl-C does. */
async function runShell(commands: string, directory: string): Promise<string> {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (printed.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (printed.stderr += text))
  const closed = once(child, 'close')
  const bound = setTimeout(() => endGroup(child.pid, 'SIGKILL'), boundMs)
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  clearTimeout(bound)
  // Bash lets what it starts in the background ignore SIGINT.
  endGroup(child.pid, 'SIGTERM')
  await closed
  if (exitCode !== 0) throw new Error(`bash exited with ${exitCode}:\n${printed.stdout}\n${printed.stderr}`)
  return printed.stdout
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // All of them have ended.
  }
}
