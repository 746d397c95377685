import { timedOut } from './invocation.ts'
import type { LogLine } from './log-lines.ts'

/** A line that the platform, not the function, writes into an environment's log stream. */
export type PlatformLine = Omit<LogLine, 'output'>

/** What a REPORT line says of an invocation. */
export interface InvocationReport {
  readonly requestId: string
  readonly durationMs: number
  readonly memorySizeMb: number
  /** Undefined where the system does not tell it: the line then leaves it out. */
  readonly maximumMemoryUsedMb: number | undefined
  /** Of a cold start only. */
  readonly initDurationMs: number | undefined
  /** What the platform ended it for. An error that the handler threw is none. */
  readonly platformErrorType: string | undefined
}

/**
 * Whether an INIT was the first of an environment, which has its own bound, or one within an invocation, which is
 * part of its duration and its time-out.
 */
export type InitPhase = 'init' | 'invoke'

/** The first line of an environment, with the version of Node that runs here; a runtime version's ARN there is not. */
export const initStartText = `INIT_START Runtime Version: nodejs:${process.versions.node}`

/**
 * The line of an INIT that failed; of one that went well there is none.
 *
 * Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle", "Failures during the
 * Init phase".
 */
export function initReportText(durationMs: number, phase: InitPhase, errorType: string): string {
  return `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\t${statusText(errorType)}`
}

/** The line before all lines of an invocation. */
export function startText(requestId: string): string {
  return `START RequestId: ${requestId} Version: $LATEST`
}

/** The line after all lines of an invocation. */
export function endText(requestId: string): string {
  return `END RequestId: ${requestId}`
}

/**
 * The line that sums an invocation up, with a tab after each member, the last one too unless it is a status. An INIT
 * is billed with the invocation that it was for.
 *
 * Source: AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs", and "Failures during the
 * invoke phase" for the status; AWS Compute Blog, "AWS Lambda standardizes billing for INIT Phase".
 */
export function reportText(report: InvocationReport): string {
  const { requestId, durationMs, memorySizeMb, maximumMemoryUsedMb, initDurationMs, platformErrorType } =
    report
  const members = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initDurationMs ?? 0))} ms`,
    `Memory Size: ${memorySizeMb} MB`,
    ...(maximumMemoryUsedMb === undefined ? [] : [`Max Memory Used: ${maximumMemoryUsedMb} MB`]),
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
  ]
  const status = platformErrorType === undefined ? '' : statusText(platformErrorType)
  return members.map((member) => `${member}\t`).join('') + status
}

/** Whether a line of the platform is the report of an INIT or an invocation that it ended, or that ended its runtime. */
export function reportsFailure(text: string): boolean {
  return /^(INIT_)?REPORT .*\tStatus: /.test(text)
}

/** The line of an invocation that was killed when `boundMs` had passed. */
export function timeoutText(requestId: string, boundMs: number, nowMs: number): string {
  return `${new Date(nowMs).toISOString()} ${requestId} Task timed out after ${(boundMs / 1000).toFixed(2)} seconds`
}

/**
 * How Lambda names an error in its own lines: by its type if that is one of a runtime's or a function's own, or as
 * unknown. Source: AWS's Runtime Interface Emulator, `fatalerror.go`.
 */
function statusText(errorType: string): string {
  if (errorType === timedOut) return 'Status: timeout'
  const isKnown = /(Runtime|Function)\.[A-Z][a-zA-Z]+/.test(errorType)
  return `Status: error\tError Type: ${isKnown ? errorType : 'Runtime.Unknown'}`
}
