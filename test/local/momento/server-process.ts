import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const projectRoot = join(import.meta.dirname, '..', '..', '..')

/** What the server says when it is ready. */
export interface ReadyLine {
  readonly hostname: string
  readonly port: number
  readonly controlPort: number
  readonly caches: readonly string[]
}

/** A local Momento as a process of its own, as `npm run momento` starts it. */
export interface ServerProcess {
  readonly ready: ReadyLine
  /** All lines on stdout so far. */
  readonly lines: readonly string[]
  /** Sends the signal and resolves with the exit code when the process has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts one on any free port, and waits until it is ready. */
export async function startServerProcess(...options: readonly (readonly string[])[]): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'local/momento/main.ts', '--port', '0', ...options.flat()],
    { cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const exited = once(child, 'exit') as Promise<[number | null]>
  const lines: string[] = []
  const output = createInterface({ input: child.stdout })
  output.on('line', (line) => lines.push(line))
  const isReady = await Promise.race([once(output, 'line').then(() => true), exited.then(() => false)])
  if (!isReady) throw new Error('the server ended before it was ready')
  return {
    ready: JSON.parse(lines[0] ?? '') as ReadyLine,
    lines,
    end: async (signal) => {
      child.kill(signal)
      const [exitCode] = await exited
      return exitCode
    },
  }
}
