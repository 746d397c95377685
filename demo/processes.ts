import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const projectRoot = join(import.meta.dirname, '..')

export interface ProcessOptions {
  /** On top of this process's environment, of which nothing of AWS is passed on: no profile, no other endpoint. */
  readonly environment: Readonly<Record<string, string>>
  /** Aborting it asks the process to end. */
  readonly signal: AbortSignal
  /** Takes what the process says on stderr, a line at a time. Default: kept for the error. */
  readonly onTalk?: (line: string) => void
}

const keptLines = 5

/** Runs one of the project's npm scripts, as a user would; otherwise as `runFile`. */
export function runScript(script: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  return run('npm', ['run', '--silent', script, '--', ...args], options)
}

/** Runs one of the project's TypeScript files, which saves npm's own start; otherwise as `run`. */
export function runFile(file: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  return run(process.execPath, ['--import', 'tsx', file, ...args], options)
}

/**
 * Runs a process in the project's folder and resolves with its stdout. It leads its own process group, so a Ctrl-C in
 * the terminal reaches it through `signal` alone.
 * @throws Error if it fails or is ended, with its last lines on stderr unless `onTalk` took them.
 */
async function run(command: string, args: readonly string[], options: ProcessOptions): Promise<string> {
  const talk: string[] = []
  const keep = (line: string): void => {
    if (talk.push(line) > keptLines) talk.shift()
  }
  const { environment, signal, onTalk = keep } = options
  signal.throwIfAborted()
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: { ...withoutAws(process.env), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const end = (): void => {
    const isAlive = child.exitCode === null && child.signalCode === null
    if (child.pid !== undefined && isAlive) process.kill(-child.pid, 'SIGTERM')
  }
  signal.addEventListener('abort', end, { once: true })
  createInterface(child.stderr).on('line', onTalk)
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  try {
    const [exitCode, signalName] = (await once(child, 'close')) as [number | null, string | null]
    if (exitCode !== 0) {
      const ending = exitCode === null ? `was ended by ${signalName}` : `exited with ${exitCode}`
      throw new Error([`${command} ${args.join(' ')} ${ending}`, ...talk].join('\n'))
    }
    return Buffer.concat(output).toString()
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function withoutAws(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('AWS_')))
}
