import { EnvironmentLog, type EnvironmentLogOptions } from './environment-log.ts'
import type { FunctionConfiguration } from './function-configuration.ts'
import { takeInitSlot } from './init-slots.ts'
import { type FunctionError, type InvocationOutcome, newTraceId, type ProcessExit } from './invocation.ts'
import { InvocationInHand } from './invocation-in-hand.ts'
import { type InitPhase, initReportText, initStartText, timeoutText } from './platform-lines.ts'
import { processMemory, watchMemory } from './process-memory.ts'
import { type RuntimeEnd, runtimeFailure } from './runtime-failure.ts'
import { type Runtime, type RuntimeSetting, startRuntime } from './runtime.ts'

/** What an environment gets from its function, besides the configuration. */
export interface ExecutionEnvironmentOptions
  extends EnvironmentLogOptions, Omit<RuntimeSetting, 'logStreamName'> {
  /** Called once, when the environment has ended and before an invocation in hand is settled. */
  readonly onEnd: () => void
  /** Asked when the handler has answered, before Lambda takes the answer: true kills the environment instead. */
  readonly killAtAnswer: (requestId: string) => boolean
  /** The bound of an environment's first INIT. */
  readonly initTimeoutMs: number
}

/**
 * One execution environment of a function: a runtime at a time, which runs one invocation at a time; it starts at once.
 *
 * The first INIT has a bound of its own. One that fails is run again within the invocation that waits, as is that of
 * a runtime which replaces one that ended in an invocation: then it is part of the invocation's duration and time-out.
 * A runtime is killed at a bound, and when it uses more memory than the function has.
 *
 * An invocation settles when the runtime asks for the next one or is reaped; its END and REPORT come before that. So
 * whoever has an outcome also knows what became of the environment: it lives on, unless it was killed from outside or
 * its runtime ended between invocations.
 *
 * Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle".
 */
export class ExecutionEnvironment {
  /** Settles when the last runtime is reaped and its Runtime API closed; never rejects. */
  readonly ended: Promise<void>
  readonly #configuration: FunctionConfiguration
  readonly #options: ExecutionEnvironmentOptions
  readonly #log: EnvironmentLog
  #phase: InitPhase = 'init'
  #runtime: Runtime | undefined
  #spawnedMs = performance.now()
  #isInitialised = false
  #isReady = false
  #killedFor: RuntimeEnd['killedFor']
  #initError: FunctionError | undefined
  /** Until the first invocation has been reported. */
  #initDurationMs: number | undefined
  #maximumMemoryUsedMb: number | undefined
  #isEnding = false
  #inHand: InvocationInHand | undefined
  #lastDurationMs = 0
  #timer: NodeJS.Timeout | undefined
  #endMemoryWatch: () => void = () => undefined
  #giveInitSlotBack: () => void = () => undefined
  #wake: () => void = () => undefined

  constructor(configuration: FunctionConfiguration, options: ExecutionEnvironmentOptions) {
    this.#configuration = configuration
    this.#options = options
    this.#log = new EnvironmentLog(configuration, options)
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
    return this.#inHand?.isDelivered === true && !this.#inHand.hasOutcome
  }

  /** Runs one invocation; rejects only if the process cannot be started at all. */
  invoke(requestId: string, payload: string): Promise<InvocationOutcome> {
    if (this.#inHand !== undefined) throw new Error('The environment already runs an invocation')
    const invocation = new InvocationInHand(requestId, payload, this.#log)
    this.#inHand = invocation
    this.#deliver()
    this.#wake()
    return invocation.settled
  }

  /** Ends it with SIGKILL; an invocation in hand fails as one whose runtime was killed. */
  kill(): void {
    this.#isEnding = true
    this.#runtime?.kill()
    this.#wake()
  }

  /**
   * Ends it as Lambda does when it has no more work: with SIGTERM, and a moment later SIGKILL. A busy one is killed, and
   * one that ends already is left alone.
   */
  shutDown(): void {
    if (this.#isEnding) return
    if (this.isBusy || this.#runtime === undefined) return this.kill()
    this.#isEnding = true
    this.#runtime.terminate()
  }

  async #live(): Promise<void> {
    try {
      let livesOn = true
      while (livesOn) {
        const exit = await this.#runRuntime()
        livesOn = this.#onExit(exit)
        if (livesOn) this.#settle()
        this.#phase = 'invoke'
        if (livesOn) livesOn = await this.#isInvokedAgain()
      }
      this.#options.onEnd()
      this.#settle()
    } catch (error) {
      this.#options.onEnd()
      this.#inHand?.fail(error)
    }
  }

  async #runRuntime(): Promise<ProcessExit> {
    this.#isInitialised = false
    this.#isReady = false
    this.#killedFor = undefined
    this.#initError = undefined
    this.#maximumMemoryUsedMb = undefined
    this.#giveInitSlotBack = await takeInitSlot()
    try {
      if (this.#isEnding) return { exitCode: null, signal: 'SIGKILL' }
      const { credentials, extraEnvironment, runtimeClient } = this.#options
      const { logStreamName } = this.#log
      const setting = { logStreamName, credentials, extraEnvironment, runtimeClient }
      this.#runtime = await startRuntime(this.#configuration, setting, {
        onNext: () => this.#onNext(),
        onOutcome: (outcome) => this.#onOutcome(outcome),
        onInitError: (error) => void (this.#initError ??= error),
        onOutput: (output, text) => this.#log.write(output, text),
      })
      this.#onSpawned()
      if (this.#isEnding) this.#runtime.kill()
      return await this.#runtime.ended
    } finally {
      this.#runtime = undefined
      this.#giveInitSlotBack()
      clearTimeout(this.#timer)
      this.#endMemoryWatch()
    }
  }

  #onSpawned(): void {
    this.#spawnedMs = performance.now()
    this.#watchMemory()
    if (this.#phase === 'init') {
      this.#log.writePlatform(initStartText)
      this.#bound(this.#options.initTimeoutMs)
    } else if (this.#inHand !== undefined) this.#begin(this.#inHand, this.#spawnedMs)
  }

  /** Whether the environment lives on without its runtime. */
  #onExit(exit: ProcessExit): boolean {
    const invocation = this.#inHand
    const { timeoutMs } = this.#configuration
    const endedMs = performance.now()
    const { error, platformErrorType } = runtimeFailure(invocation?.requestId ?? '', {
      exit,
      timeoutMs,
      killedFor: this.#killedFor,
      initError: this.#initError,
    })
    if (!this.#isInitialised && !this.#isEnding) {
      const durationMs = endedMs - this.#spawnedMs
      this.#log.writePlatform(initReportText(durationMs, this.#phase, platformErrorType))
      if (this.#phase === 'init') return true
    }
    if (invocation === undefined) return false
    if (!invocation.hasOutcome) {
      // What a runtime had used that ended by itself is gone with it.
      if (this.#killedFor === undefined) this.#maximumMemoryUsedMb = undefined
      const startedMs = invocation.startedMs ?? this.#spawnedMs
      if (invocation.startedMs === undefined) invocation.begin(startedMs, 0)
      if (!invocation.isDelivered) invocation.writeStart()
      const isTimedOut = this.#killedFor === 'time-out'
      if (isTimedOut) {
        const text = timeoutText(invocation.requestId, timeoutMs, this.#options.nowMs())
        this.#log.writePlatform(text)
      } else if (error !== this.#initError) {
        this.#log.writePlatform(`${error.errorMessage}\n${error.errorType}`)
      }
      invocation.end(error, isTimedOut ? startedMs + timeoutMs : endedMs, platformErrorType)
    }
    return !this.#isEnding
  }

  async #isInvokedAgain(): Promise<boolean> {
    if (this.#inHand === undefined && !this.#isEnding) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return !this.#isEnding
  }

  #onNext(): void {
    // A killed one may have asked with its last breath; one that asks without an outcome waits for its time-out.
    if (this.#isEnding || this.#killedFor !== undefined || this.isInInvocation) return
    this.#giveInitSlotBack()
    this.#endMemoryWatch()
    // The time-out of an invocation that had to wait for an INIT goes on.
    if (this.#isInitialised || this.#phase === 'init') clearTimeout(this.#timer)
    if (!this.#isInitialised && this.#phase === 'init') {
      this.#initDurationMs = performance.now() - this.#spawnedMs
    }
    this.#isInitialised = true
    this.#isReady = true
    this.#readMemory()
    this.#settle()
    this.#deliver()
  }

  #deliver(): void {
    const invocation = this.#inHand
    if (invocation === undefined || !this.#isReady || this.#runtime === undefined) return
    this.#isReady = false
    if (invocation.startedMs === undefined) this.#begin(invocation, performance.now())
    invocation.writeStart()
    this.#watchMemory()
    this.#runtime.deliver({
      requestId: invocation.requestId,
      payload: invocation.payload,
      deadlineMs: invocation.deadlineMs,
      functionArn: this.#configuration.functionArn,
      traceId: newTraceId(this.#options.nowMs()),
    })
  }

  #begin(invocation: InvocationInHand, startedMs: number): void {
    const { timeoutMs } = this.#configuration
    invocation.begin(startedMs, this.#options.nowMs() + timeoutMs)
    this.#bound(timeoutMs)
  }

  #bound(boundMs: number): void {
    this.#timer = setTimeout(() => {
      this.#readMemory()
      this.#killFor('time-out')
    }, boundMs)
  }

  #watchMemory(): void {
    const { memorySizeMb: limitMb } = this.#configuration
    const pid = this.#runtime?.pid
    if (pid === undefined) return
    this.#endMemoryWatch = watchMemory({ pid, limitMb }, () => {
      this.#maximumMemoryUsedMb = limitMb
      this.#killFor('memory')
    })
  }

  #readMemory(): void {
    const pid = this.#runtime?.pid
    this.#maximumMemoryUsedMb = pid === undefined ? undefined : processMemory(pid)?.peakMb
  }

  #killFor(cause: 'time-out' | 'memory'): void {
    this.#killedFor ??= cause
    this.#runtime?.kill()
  }

  #onOutcome(outcome: InvocationOutcome): void {
    const invocation = this.#inHand
    // The first outcome stands: an answer that comes after the time-out does not count.
    if (invocation === undefined || invocation.hasOutcome || this.#killedFor !== undefined) return
    if (outcome.outcome === 'answered' && this.#options.killAtAnswer(invocation.requestId)) return this.kill()
    invocation.end(outcome, performance.now())
  }

  #settle(): void {
    const invocation = this.#inHand
    if (invocation?.hasOutcome !== true) return
    this.#inHand = undefined
    this.#lastDurationMs = invocation.durationMs
    const initDurationMs = this.#initDurationMs
    this.#initDurationMs = undefined
    invocation.settle({
      memorySizeMb: this.#configuration.memorySizeMb,
      maximumMemoryUsedMb: this.#maximumMemoryUsedMb,
      initDurationMs,
    })
  }
}
