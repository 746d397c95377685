import { randomBytes } from 'node:crypto'
import type { Credentials, FunctionConfiguration } from './function-configuration.ts'
import { takeInitSlot } from './init-slots.ts'
import { exitError, type InvocationOutcome, newTraceId, timedOutError } from './invocation.ts'
import { type LogLine, readLines } from './log-lines.ts'
import {
  endText,
  initStartText,
  peakMemoryMb,
  type PlatformLine,
  reportText,
  startText,
  timeoutText,
} from './platform-lines.ts'
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts'
import { killGroup, spawnRuntime } from './spawn-runtime.ts'

/** Lambda's bound for INIT. Source: AWS Lambda Developer Guide, "Execution environment lifecycle". */
const initTimeoutMs = 10_000

/** What an environment gets from its function, besides the configuration. */
export interface ExecutionEnvironmentOptions {
  readonly onLog: (line: LogLine) => void
  readonly onPlatformLog: (line: PlatformLine) => void
  /** Called once, when the process is reaped and before the invocation in hand is settled. */
  readonly onEnd: () => void
  /** Asked when the handler has answered, before Lambda takes the answer: true kills the environment instead. */
  readonly killAtAnswer: (requestId: string) => boolean
  readonly nowMs: () => number
  readonly credentials: Credentials
  readonly extraEnvironment: Readonly<Record<string, string>>
}

interface InvocationInHand {
  readonly requestId: string
  readonly payload: string
  readonly resolve: (outcome: InvocationOutcome) => void
  readonly reject: (error: unknown) => void
  delivered: boolean
  /** On the clock of `performance.now`; undefined until it has begun. */
  startedMs: number | undefined
  outcome: InvocationOutcome | undefined
  endedMs: number | undefined
}

/**
 * One child process that runs one function, one invocation at a time; it starts at once.
 *
 * An invocation settles when the runtime asks for the next one or when the process is reaped, so whoever has
 * an outcome also knows what became of the environment. INIT has 10 s, then each invocation `timeoutMs`;
 * either bound kills the process group. Other than in Lambda, a failed INIT is not run a second time.
 * Around what the function writes it writes the platform's own lines; an invocation's END and REPORT come before
 * the invocation settles.
 */
export class ExecutionEnvironment {
  readonly logStreamName: string
  /** Settles when the process is reaped and its Runtime API closed; never rejects. */
  readonly ended: Promise<void>
  readonly #configuration: FunctionConfiguration
  readonly #options: ExecutionEnvironmentOptions
  #api: RuntimeApi | undefined
  #pid: number | undefined
  #spawnedMs = performance.now()
  /** Until the first invocation has been reported. */
  #initDurationMs: number | undefined
  #isInitialised = false
  #maximumMemoryUsedMb: number | undefined
  #isReady = false
  #isKilled = false
  #inHand: InvocationInHand | undefined
  #lastRequestId: string | undefined
  #lastDurationMs = 0
  #timer: NodeJS.Timeout | undefined
  #giveInitSlotBack: () => void = () => undefined

  constructor(configuration: FunctionConfiguration, options: ExecutionEnvironmentOptions) {
    this.#configuration = configuration
    this.#options = options
    const day = new Date(options.nowMs()).toISOString().slice(0, 10).replaceAll('-', '/')
    this.logStreamName = `${day}/[$LATEST]${randomBytes(16).toString('hex')}`
    this.ended = this.#live()
  }

  /** How long the last invocation took that was reported, its initialisation left out. */
  get lastDurationMs(): number {
    return this.#lastDurationMs
  }

  /** Whether an invocation is in hand, be it that INIT still runs. */
  get isBusy(): boolean {
    return this.#inHand !== undefined
  }

  /** Whether the handler has an event and no outcome yet. */
  get isInInvocation(): boolean {
    return this.#inHand?.delivered === true && this.#inHand.outcome === undefined
  }

  /** Runs one invocation; rejects only if the process cannot be started at all. */
  invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    if (this.#inHand !== undefined) throw new Error('The environment already runs an invocation')
    return new Promise((resolve, reject) => {
      this.#inHand = {
        requestId,
        payload,
        resolve,
        reject,
        delivered: false,
        startedMs: undefined,
        outcome: undefined,
        endedMs: undefined,
      }
      this.#deliver()
    })
  }

  /** Ends the process group with SIGKILL; an invocation in hand fails as one whose runtime was killed. */
  kill(): void {
    this.#isKilled = true
    if (this.#pid !== undefined) killGroup(this.#pid)
  }

  async #live(): Promise<void> {
    try {
      this.#api = await startRuntimeApi({
        onNext: () => this.#onNext(),
        onOutcome: (outcome) => this.#onOutcome(outcome),
        onInitError: (error) => this.#setOutcome(error),
      })
      this.#giveInitSlotBack = await takeInitSlot()
      const [exitCode, signal] = this.#isKilled ? ([null, 'SIGKILL'] as const) : await this.#run(this.#api)
      this.#onExit(exitCode, signal)
      this.#options.onEnd()
      this.#settle()
    } catch (error) {
      this.#options.onEnd()
      this.#inHand?.reject(error)
    } finally {
      this.#giveInitSlotBack()
      clearTimeout(this.#timer)
      await this.#api?.close()
    }
  }

  #run(api: RuntimeApi): Promise<readonly [number | null, NodeJS.Signals | null]> {
    const child = spawnRuntime(this.#configuration, {
      runtimeApiAddress: api.address,
      logStreamName: this.logStreamName,
      credentials: this.#options.credentials,
      extraEnvironment: this.#options.extraEnvironment,
    })
    this.#pid = child.pid
    this.#spawnedMs = performance.now()
    this.#logPlatform(initStartText)
    this.#bound(initTimeoutMs)
    readLines(child.stdout, (text) => this.#log('stdout', text))
    readLines(child.stderr, (text) => this.#log('stderr', text))
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      // A grandchild that outlives the runtime would hold its output open, and with it `close`.
      child.once('exit', () => this.kill())
      child.once('close', (exitCode, signal) => resolve([exitCode, signal]))
    })
  }

  #onNext(): void {
    // A killed one may have asked with its last breath; one that asks without an outcome waits for its time-out.
    if (this.#isKilled || this.isInInvocation) return
    clearTimeout(this.#timer)
    this.#giveInitSlotBack()
    if (!this.#isInitialised) {
      this.#isInitialised = true
      this.#initDurationMs = performance.now() - this.#spawnedMs
    }
    this.#isReady = true
    this.#readMemory()
    this.#settle()
    this.#deliver()
  }

  #deliver(): void {
    const invocation = this.#inHand
    if (invocation === undefined || !this.#isReady || this.#api === undefined) return
    const { functionArn, timeoutMs } = this.#configuration
    const nowMs = this.#options.nowMs()
    this.#isReady = false
    this.#lastRequestId = invocation.requestId
    invocation.delivered = true
    this.#start(invocation, performance.now())
    this.#bound(timeoutMs)
    this.#api.deliver({
      requestId: invocation.requestId,
      payload: invocation.payload,
      deadlineMs: nowMs + timeoutMs,
      functionArn,
      traceId: newTraceId(nowMs),
    })
  }

  #bound(boundMs: number): void {
    this.#timer = setTimeout(() => {
      this.#readMemory()
      this.#onTimeout(boundMs)
      this.kill()
    }, boundMs)
  }

  #onOutcome(outcome: InvocationOutcome): void {
    const requestId = this.#inHand?.requestId
    const isLost =
      outcome.outcome === 'answered' && requestId !== undefined && this.#options.killAtAnswer(requestId)
    if (isLost) this.kill()
    else this.#setOutcome(outcome)
  }

  #onTimeout(boundMs: number): void {
    const requestId = this.#inHand?.requestId ?? ''
    if (!this.#setOutcome(timedOutError(requestId, boundMs))) return
    this.#logPlatform(timeoutText(requestId, boundMs, this.#options.nowMs()))
  }

  #onExit(exitCode: number | null, signal: NodeJS.Signals | null): void {
    const error = exitError(this.#inHand?.requestId ?? '', exitCode, signal)
    if (!this.#setOutcome(error)) return
    // What it had used is gone with the process.
    this.#maximumMemoryUsedMb = undefined
    this.#logPlatform(`${error.errorMessage}\n${error.errorType}`)
  }

  /** The first outcome stands, of which it tells: an answer that comes after the time-out does not count. */
  #setOutcome(outcome: InvocationOutcome): boolean {
    const invocation = this.#inHand
    if (invocation === undefined || invocation.outcome !== undefined) return false
    // Where INIT fails there was no event to deliver: INIT is all there is of the invocation.
    this.#start(invocation, this.#spawnedMs)
    invocation.outcome = outcome
    invocation.endedMs = performance.now()
    return true
  }

  #start(invocation: InvocationInHand, startedMs: number): void {
    if (invocation.startedMs !== undefined) return
    invocation.startedMs = startedMs
    this.#lastRequestId = invocation.requestId
    this.#logPlatform(startText(invocation.requestId))
  }

  #report({ requestId, startedMs = 0, endedMs = startedMs }: InvocationInHand): void {
    this.#lastDurationMs = endedMs - startedMs
    this.#logPlatform(endText(requestId))
    this.#logPlatform(
      reportText({
        requestId,
        durationMs: endedMs - startedMs,
        memorySizeMb: this.#configuration.memorySizeMb,
        maximumMemoryUsedMb: this.#maximumMemoryUsedMb,
        initDurationMs: this.#initDurationMs,
      }),
    )
    this.#initDurationMs = undefined
  }

  #readMemory(): void {
    if (this.#pid !== undefined) this.#maximumMemoryUsedMb = peakMemoryMb(this.#pid)
  }

  #settle(): void {
    const invocation = this.#inHand
    if (invocation?.outcome === undefined) return
    this.#inHand = undefined
    this.#report(invocation)
    invocation.resolve(invocation.outcome)
  }

  #log(output: LogLine['output'], text: string): void {
    this.#options.onLog({ ...this.#line(text), output })
  }

  #logPlatform(text: string): void {
    this.#options.onPlatformLog(this.#line(text))
  }

  #line(text: string): PlatformLine {
    const { functionName, logGroupName } = this.#configuration
    return {
      functionName,
      logGroupName,
      logStreamName: this.logStreamName,
      requestId: this.#lastRequestId,
      timestampMs: this.#options.nowMs(),
      text,
    }
  }
}
