import type { Readable } from 'node:stream'

/** A line longer than this is cut: the largest event that CloudWatch Logs takes. */
const maximumLineLength = 256 * 1024

/** A line that a function wrote; `requestId` is the environment's latest invocation, if it had one. */
export interface LogLine {
  readonly functionName: string
  readonly logGroupName: string
  readonly logStreamName: string
  readonly requestId: string | undefined
  readonly output: 'stdout' | 'stderr'
  readonly timestampMs: number
  readonly text: string
}

/**
 * Calls `onLine` for each line of `stream` as it arrives, without its line end; a last line that has none is
 * passed on when the stream ends. Lines over 256 KiB are passed on in pieces, so memory stays bounded.
 */
export function readLines(stream: Readable, onLine: (text: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (rest.length >= maximumLineLength) {
      onLine(rest.slice(0, maximumLineLength))
      rest = rest.slice(maximumLineLength)
    }
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
}
