import { readFileSync } from 'node:fs'
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
}

/** The first line of an environment, with the version of Node that runs here; a runtime version's ARN there is not. */
export const initStartText = `INIT_START Runtime Version: nodejs:${process.versions.node}`

/** The line before all lines of an invocation. */
export function startText(requestId: string): string {
  return `START RequestId: ${requestId} Version: $LATEST`
}

/** The line after all lines of an invocation. */
export function endText(requestId: string): string {
  return `END RequestId: ${requestId}`
}

/**
 * The line that sums an invocation up, with a tab after each member, the last one too.
 *
 * Source: AWS Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs".
 */
export function reportText(report: InvocationReport): string {
  const { requestId, durationMs, memorySizeMb, maximumMemoryUsedMb, initDurationMs } = report
  const members = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs)} ms`,
    `Memory Size: ${memorySizeMb} MB`,
    ...(maximumMemoryUsedMb === undefined ? [] : [`Max Memory Used: ${maximumMemoryUsedMb} MB`]),
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
  ]
  return members.map((member) => `${member}\t`).join('')
}

/** The line of an invocation that was killed when `boundMs` had passed. */
export function timeoutText(requestId: string, boundMs: number, nowMs: number): string {
  return `${new Date(nowMs).toISOString()} ${requestId} Task timed out after ${(boundMs / 1000).toFixed(2)} seconds`
}

/** The largest resident size that a process has had, in MB; undefined where there is no `/proc`, or no such process. */
export function peakMemoryMb(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024)
  } catch {
    // Only Linux has it, and of a process that has just ended there is nothing to read.
    return undefined
  }
}
