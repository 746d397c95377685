import { exitError, type FunctionError, type ProcessExit, timedOutError } from './invocation.ts'

/** What is known of a runtime that ended without an outcome for its invocation. */
export interface RuntimeEnd {
  readonly exit: ProcessExit
  /** For what the platform killed it, if it did. */
  readonly killedFor: 'time-out' | 'memory' | undefined
  /** The time-out of the function. */
  readonly timeoutMs: number
  /** What it reported of an INIT that failed, if it did. */
  readonly initError: FunctionError | undefined
}

/** A failure as the invoker sees it, and what the platform's lines call it. */
export interface RuntimeFailure {
  readonly error: FunctionError
  readonly platformErrorType: string
}

/**
 * How an invocation fails whose runtime ended. One that was killed for its memory exited by a signal as any other does;
 * the platform's lines alone know why.
 */
export function runtimeFailure(requestId: string, end: RuntimeEnd): RuntimeFailure {
  const { exit, killedFor, timeoutMs, initError } = end
  const error =
    initError ?? (killedFor === 'time-out' ? timedOutError(requestId, timeoutMs) : exitError(requestId, exit))
  const isOutOfMemory = killedFor === 'memory' && initError === undefined
  return { error, platformErrorType: isOutOfMemory ? 'Runtime.OutOfMemory' : error.errorType }
}
