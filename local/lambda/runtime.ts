import type { EnvironmentSetting } from './environment-variables.ts'
import type { FunctionConfiguration } from './function-configuration.ts'
import type { Invocation, ProcessExit } from './invocation.ts'
import { type LogLine, readLines } from './log-lines.ts'
import { type RuntimeListener, startRuntimeApi } from './runtime-api.ts'
import { killGroup, ownRuntimeClient, spawnRuntime } from './spawn-runtime.ts'

/**
 * How long a runtime has to end after SIGTERM. Lambda gives it so long where an extension is registered, and none
 * where none is. Source: AWS samples, "Graceful shutdown with AWS Lambda".
 */
export const shutdownGraceMs = 300

/** What a runtime asks for, reports and writes. */
export interface RuntimeProcessListener extends RuntimeListener {
  onOutput(output: LogLine['output'], text: string): void
}

/** What surrounds a runtime; `runtimeClient` is a script, by default our own. */
export interface RuntimeSetting extends Omit<EnvironmentSetting, 'runtimeApiAddress'> {
  readonly runtimeClient?: string | undefined
}

/** A process that runs a function's code, behind a Runtime API of its own. */
export interface Runtime {
  /** Undefined if it could not be started, with which `ended` rejects. */
  readonly pid: number | undefined
  /** Settles when the process is reaped, all that it wrote is passed on and its Runtime API is closed. */
  readonly ended: Promise<ProcessExit>
  /** Hands an invocation to the runtime that waits for one; throws if it does not. */
  deliver(invocation: Invocation): void
  /** Ends its process group with SIGKILL. */
  kill(): void
  /** Asks it to end with SIGTERM, and kills its process group when {@link shutdownGraceMs} have passed. */
  terminate(): void
}

/** Starts a runtime; rejects if there is no port for its Runtime API. */
export async function startRuntime(
  configuration: FunctionConfiguration,
  { runtimeClient = ownRuntimeClient, ...setting }: RuntimeSetting,
  listener: RuntimeProcessListener,
): Promise<Runtime> {
  let hasEnded = false
  const api = await startRuntimeApi({
    ...listener,
    // What it wrote before it asked may be read after that: in the same turn of the event loop, but not later.
    onNext: () => {
      setImmediate(() => {
        if (!hasEnded) listener.onNext()
      })
    },
  })
  const child = spawnRuntime(configuration, { ...setting, runtimeApiAddress: api.address }, runtimeClient)
  const { pid } = child
  const kill = (): void => {
    if (pid !== undefined) killGroup(pid)
  }
  let grace: NodeJS.Timeout | undefined
  readLines(child.stdout, (text) => listener.onOutput('stdout', text))
  readLines(child.stderr, (text) => listener.onOutput('stderr', text))
  const exited = new Promise<ProcessExit>((resolve, reject) => {
    child.once('error', reject)
    // A grandchild that outlives the runtime would hold its output open, and with it `close`.
    child.once('exit', kill)
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  const end = async (): Promise<ProcessExit> => {
    try {
      return await exited
    } finally {
      hasEnded = true
      clearTimeout(grace)
      await api.close()
    }
  }
  return {
    pid,
    ended: end(),
    deliver: (invocation) => api.deliver(invocation),
    kill,
    terminate: () => {
      child.kill('SIGTERM')
      grace = setTimeout(kill, shutdownGraceMs)
    },
  }
}
