import type { EnvironmentLog } from './environment-log.ts'
import type { InvocationOutcome } from './invocation.ts'
import { endText, type InvocationReport, reportText, startText } from './platform-lines.ts'

/** What the report of an invocation says of its environment. */
export type EnvironmentReport = Pick<
  InvocationReport,
  'memorySizeMb' | 'maximumMemoryUsedMb' | 'initDurationMs'
>

/** An invocation that an environment has taken, and the lines that the platform writes around it. */
export class InvocationInHand {
  readonly requestId: string
  readonly payload: string
  /** Settles with the invocation; whoever waits for it also has the lines of its end. */
  readonly settled: Promise<InvocationOutcome>
  readonly #log: EnvironmentLog
  #resolve: (outcome: InvocationOutcome) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  #startedMs: number | undefined
  #deadlineMs = 0
  #hasStartLine = false
  #outcome: InvocationOutcome | undefined
  #platformErrorType: string | undefined
  #endedMs = 0

  constructor(requestId: string, payload: string, log: EnvironmentLog) {
    this.requestId = requestId
    this.payload = payload
    this.#log = log
    this.settled = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** On the clock of `performance.now`; undefined until its time has begun to run. */
  get startedMs(): number | undefined {
    return this.#startedMs
  }

  /** Whether the runtime has it. */
  get isDelivered(): boolean {
    return this.#hasStartLine
  }

  /** Whether it is known how it ended, be it that the runtime is not done with it yet. */
  get hasOutcome(): boolean {
    return this.#outcome !== undefined
  }

  /** Epoch milliseconds. */
  get deadlineMs(): number {
    return this.#deadlineMs
  }

  /** How long it took; 0 until it has ended. */
  get durationMs(): number {
    return this.#endedMs - (this.#startedMs ?? this.#endedMs)
  }

  /** Its time runs from `startedMs` on the clock of `performance.now`. */
  begin(startedMs: number, deadlineMs: number): void {
    this.#startedMs = startedMs
    this.#deadlineMs = deadlineMs
  }

  /** Lines are of this invocation from here on. */
  writeStart(): void {
    this.#hasStartLine = true
    this.#log.begin(this.requestId)
    this.#log.writePlatform(startText(this.requestId))
  }

  /** How it ended, after how long, and what for if it was the platform that ended it. */
  end(outcome: InvocationOutcome, endedMs: number, platformErrorType?: string): void {
    this.#outcome = outcome
    this.#endedMs = endedMs
    this.#platformErrorType = platformErrorType
  }

  /** Writes its last lines and settles it; throws if its outcome is not known. */
  settle(report: EnvironmentReport): void {
    const { requestId, durationMs } = this
    if (this.#outcome === undefined) throw new Error('The invocation has no outcome')
    this.#log.writePlatform(endText(requestId))
    this.#log.writePlatform(
      reportText({ requestId, durationMs, platformErrorType: this.#platformErrorType, ...report }),
    )
    this.#resolve(this.#outcome)
  }

  /** It could not be run at all. */
  fail(error: unknown): void {
    this.#reject(error)
  }
}
