import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const projectRoot = join(import.meta.dirname, '..')
/** A command that has not ended by then is stuck. */
const timeoutMs = 15_000

/** How a command ended; `exitCode` is null for one that was stuck. */
export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Credentials, a region and no notices: what a command needs to call an endpoint of this machine. */
export const localAws = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
}

/** An address of this machine where nothing listens: port 9 is reserved for discarding, and low ports are not given out. */
export const deadEndpoint = 'http://127.0.0.1:9'

/** Runs a TypeScript file of the project as a process of its own; of this one's variables it gets only `PATH`. */
export async function runScript(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: projectRoot,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (printed.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (printed.stderr += text))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, ...printed }
}
