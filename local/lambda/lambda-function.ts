import { randomUUID } from 'node:crypto'
import { ExecutionEnvironment } from './execution-environment.ts'
import type { FunctionFaults } from './faults.ts'
import type { Credentials, FunctionConfiguration } from './function-configuration.ts'
import { type FunctionError, timedOut } from './invocation.ts'
import type { LogLine } from './log-lines.ts'
import type { PlatformLine } from './platform-lines.ts'

/** Lambda's bound for INIT. Source: AWS Lambda Developer Guide, "Execution environment lifecycle". */
const initTimeoutMs = 10_000

/** The concurrency of an account, and so of a function that reserves none. Source: AWS Lambda quotas. */
export const accountConcurrency = 1000

const localCredentials: Credentials = {
  accessKeyId: 'local',
  secretAccessKey: 'local',
  sessionToken: 'local',
}

/** How an invocation ended; a throttled one reached no environment. */
export type InvokeResult =
  | { readonly outcome: 'answered'; readonly requestId: string; readonly payload: string }
  | (FunctionError & { readonly requestId: string })
  | { readonly outcome: 'throttled' }

/** What is told of a call once it has ended. */
export type FunctionCall = {
  /** When it came, epoch milliseconds. */
  readonly calledMs: number
  /** Invocations at work then, this one included unless it was throttled. */
  readonly concurrency: number
} & (
  | { readonly isThrottled: true }
  /** `durationMs` is that of the handler. */
  | { readonly isThrottled: false; readonly isError: boolean; readonly durationMs: number }
)

/**
 * Where a function's lines go and what surrounds it.
 *
 * `onLog` takes what the function writes, `onPlatformLog` (default: nobody) what the platform writes around it.
 * `onCall` (default: nobody) is told of each call that has ended, throttled ones too.
 * `nowMs` (default `Date.now`) stamps deadlines and log lines; the time-outs themselves run on real timers.
 * `extraEnvironment` wins over every other variable. `credentials` default to placeholders.
 * `initTimeoutMs` (default 10 s) bounds the first INIT of an environment. `runtimeClient` is the script that speaks with
 * the Runtime API, by default our own.
 */
export interface LambdaFunctionOptions {
  readonly onLog: (line: LogLine) => void
  readonly onPlatformLog?: (line: PlatformLine) => void
  readonly onCall?: (call: FunctionCall) => void
  readonly nowMs?: () => number
  readonly extraEnvironment?: Readonly<Record<string, string>>
  readonly credentials?: Credentials
  readonly initTimeoutMs?: number
  readonly runtimeClient?: string
}

/**
 * Counts since the function was created. `invocations` leaves out throttled ones; `errors` includes time-outs;
 * `environments.peak` is the most that ever lived at once.
 */
export interface FunctionStats {
  readonly invocations: number
  readonly errors: number
  readonly throttles: number
  readonly timeouts: number
  readonly coldStarts: number
  readonly environments: { readonly live: number; readonly busy: number; readonly peak: number }
}

/**
 * A function that runs as in Lambda: an invocation takes the environment that was used last, or a new one, or
 * is throttled while as many are at work as the concurrency allows.
 */
export class LambdaFunction {
  readonly #configuration: FunctionConfiguration
  readonly #options: LambdaFunctionOptions & Required<Omit<LambdaFunctionOptions, 'runtimeClient'>>
  readonly #live = new Set<ExecutionEnvironment>()
  /** Idle environments, the one used last at the end. */
  readonly #warm: ExecutionEnvironment[] = []
  readonly #counts = { invocations: 0, errors: 0, throttles: 0, timeouts: 0, coldStarts: 0 }
  readonly #answersToLose = new Set<string>()
  #faults: FunctionFaults = {}
  #reservedConcurrency: number | undefined
  #peak = 0
  #isClosed = false

  constructor(configuration: FunctionConfiguration, options: LambdaFunctionOptions) {
    this.#configuration = configuration
    this.#reservedConcurrency = configuration.reservedConcurrency
    this.#options = {
      nowMs: Date.now,
      onPlatformLog: () => undefined,
      onCall: () => undefined,
      extraEnvironment: {},
      credentials: localCredentials,
      initTimeoutMs,
      ...options,
    }
  }

  /** What it was made of; its concurrency may be another by now. */
  get configuration(): FunctionConfiguration {
    return this.#configuration
  }

  /** How many invocations may be at work at once; undefined: as many as the account allows. */
  get reservedConcurrency(): number | undefined {
    return this.#reservedConcurrency
  }

  /** Holds for invocations that begin from now on; those at work go on. 0 throttles them all. */
  set reservedConcurrency(executions: number | undefined) {
    this.#reservedConcurrency = executions
  }

  /**
   * Invokes the function with a JSON text; `requestId` defaults to a new UUID.
   * Rejects once the function is closed, if a process cannot be started at all, and if a fault loses the answer.
   */
  async invoke(
    payload: string,
    { requestId = randomUUID() }: { requestId?: string } = {},
  ): Promise<InvokeResult> {
    if (this.#isClosed) throw new Error(`Function ${this.#configuration.functionName} is closed`)
    const { nowMs, onCall } = this.#options
    const calledMs = nowMs()
    const atWork = this.#live.size - this.#warm.length
    if (atWork >= (this.#reservedConcurrency ?? accountConcurrency)) {
      this.#counts.throttles++
      onCall({ calledMs, concurrency: atWork, isThrottled: true })
      return { outcome: 'throttled' }
    }
    const environment = this.#warm.pop() ?? this.#create()
    this.#counts.invocations++
    const outcome = await environment.invoke(requestId, payload)
    if (this.#live.has(environment)) this.#warm.push(environment)
    const isError = outcome.outcome === 'function-error'
    const { lastDurationMs: durationMs } = environment
    onCall({ calledMs, concurrency: atWork + 1, isThrottled: false, isError, durationMs })
    if (outcome.outcome === 'function-error') {
      this.#counts.errors++
      if (outcome.errorType === timedOut) this.#counts.timeouts++
    }
    if (this.#answersToLose.delete(requestId)) throw new Error('The answer was lost by a fault on demand')
    return { ...outcome, requestId }
  }

  /** Replaces all faults, for answers given from now on; `{}` ends them. */
  setFaults(faults: FunctionFaults): void {
    this.#faults = faults
  }

  /** What happened so far, and how many environments there are now. */
  stats(): FunctionStats {
    const busy = [...this.#live].filter((environment) => environment.isBusy).length
    return { ...this.#counts, environments: { live: this.#live.size, busy, peak: this.#peak } }
  }

  /**
   * Kills one environment whose handler is at work, oldest first, for tests of faults. `pick` chooses
   * another: it gets their number and returns an index. False if none was at work.
   */
  killBusyEnvironment(pick: (count: number) => number = () => 0): boolean {
    const busy = [...this.#live].filter((environment) => environment.isInInvocation)
    if (busy.length === 0) return false
    const environment = busy[pick(busy.length)]
    if (environment === undefined) throw new RangeError('No environment at the picked index')
    environment.kill()
    return true
  }

  /**
   * Takes no further invocation and ends every environment; resolves when all processes are reaped. Idle ones are
   * shut down with SIGTERM; invocations at work fail as those of a killed runtime.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    const environments = [...this.#live]
    for (const environment of environments) environment.shutDown()
    await Promise.all(environments.map((environment) => environment.ended))
  }

  #create(): ExecutionEnvironment {
    const environment = new ExecutionEnvironment(this.#configuration, {
      ...this.#options,
      onEnd: () => this.#forget(environment),
      killAtAnswer: (requestId) => {
        const fate = this.#faults.fateOfAnswer?.(requestId)
        if (fate === 'lost') this.#answersToLose.add(requestId)
        return fate === 'killed'
      },
    })
    this.#live.add(environment)
    this.#counts.coldStarts++
    this.#peak = Math.max(this.#peak, this.#live.size)
    return environment
  }

  #forget(environment: ExecutionEnvironment): void {
    this.#live.delete(environment)
    const index = this.#warm.indexOf(environment)
    if (index !== -1) this.#warm.splice(index, 1)
  }
}
