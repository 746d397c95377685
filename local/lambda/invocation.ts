import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'

/** The `errorType` of an invocation that was killed at its time-out. */
export const timedOut = 'Sandbox.Timedout'

/** An invocation that failed; `payload` is the JSON that Lambda would answer with. */
export interface FunctionError {
  readonly outcome: 'function-error'
  readonly errorType: string
  readonly errorMessage: string
  readonly payload: string
}

/** How an invocation that reached an environment ended; `payload` is JSON text, possibly empty. */
export type InvocationOutcome = { readonly outcome: 'answered'; readonly payload: string } | FunctionError

/** One event on its way to a runtime. */
export interface Invocation {
  readonly requestId: string
  readonly payload: string
  readonly deadlineMs: number
  readonly functionArn: string
  readonly traceId: string
}

/** How a process ended: with a code, or by a signal. */
export interface ProcessExit {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A failure that the platform, not the function, words. */
export function platformError(errorType: string, errorMessage: string): FunctionError {
  return {
    outcome: 'function-error',
    errorType,
    errorMessage,
    payload: JSON.stringify({ errorType, errorMessage }),
  }
}

/** The failure of an invocation whose bound of `boundMs` passed, in Lambda's words. */
export function timedOutError(requestId: string, boundMs: number): FunctionError {
  const seconds = (boundMs / 1000).toFixed(2)
  return platformError(timedOut, `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`)
}

/** The names that Lambda gives to signals, which are those of Go. */
const signalNames: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
}

/** The failure of an invocation whose runtime ended without an answer, in Lambda's words. */
export function exitError(requestId: string, { exitCode, signal }: ProcessExit): FunctionError {
  const reason =
    signal !== null
      ? `exited with error: signal: ${signalNames[signal] ?? `signal ${constants.signals[signal]}`}`
      : exitCode === 0
        ? 'exited without providing a reason'
        : `exited with error: exit status ${exitCode}`
  return platformError('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime ${reason}`)
}

/** A new X-Ray trace header, unsampled. Source: AWS X-Ray Developer Guide, "Tracing header". */
export function newTraceId(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0')
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`
}
