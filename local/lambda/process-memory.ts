import { readFileSync } from 'node:fs'

/** The resident size of a process in MB, now and at most so far. */
export interface ProcessMemory {
  readonly residentMb: number
  readonly peakMb: number
}

/** What a process uses; undefined where there is no `/proc`, which only Linux has, or no such process. */
export function processMemory(pid: number): ProcessMemory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const residentMb = megabytesOf(status, 'VmRSS')
    const peakMb = megabytesOf(status, 'VmHWM')
    return residentMb === undefined || peakMb === undefined ? undefined : { residentMb, peakMb }
  } catch {
    // Of a process that has just ended there is nothing to read.
    return undefined
  }
}

/** Of a process that has ended and is not reaped yet there is a file without these lines. */
function megabytesOf(status: string, name: string): number | undefined {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status) ?? []
  return kilobytes === undefined ? undefined : Math.ceil(Number(kilobytes) / 1024)
}

/** How often a process at work is looked at: a look takes some 50 microseconds. */
const lookIntervalMs = 50

/**
 * Calls `onExceeded` once when a process is seen to have more than `limitMb` resident, which it can have for as long as
 * the interval unseen. The returned function ends the watch; it may be called more than once.
 */
export function watchMemory(
  { pid, limitMb, intervalMs = lookIntervalMs }: { pid: number; limitMb: number; intervalMs?: number },
  onExceeded: () => void,
): () => void {
  const timer = setInterval(() => {
    const memory = processMemory(pid)
    if (memory === undefined || memory.residentMb <= limitMb) return
    clearInterval(timer)
    onExceeded()
  }, intervalMs)
  return () => clearInterval(timer)
}
