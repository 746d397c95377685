import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { PlatformLine } from './lambda/platform-lines.ts'

/** Files of log lines, one for each log group that has some. */
export interface LogFiles {
  add(line: PlatformLine): void
  /** Takes no further line and closes the files. */
  close(): Promise<void>
}

/**
 * Appends lines to files in `directory`, which is made if it is not there. A file has the name of its log group, with `+`
 * for `/`, and a line its time, its log stream and its text, with tabs between; further lines of a text begin with a tab.
 *
 * Lines are written before `add` returns, so none is ever held in memory or lost with this process: whoever logs
 * faster than the disk takes it is slowed down. When a file cannot be written, `onError` is told once and it is left alone.
 * @throws Error that says what is in the way, if the directory cannot be made.
 */
export function openLogFiles(directory: string, onError: (error: unknown) => void): LogFiles {
  makeDirectory(directory)
  /** Undefined where writing has failed. */
  const descriptors = new Map<string, number | undefined>()
  let isClosed = false
  return {
    add({ logGroupName, logStreamName, timestampMs, text }) {
      if (isClosed) return
      try {
        // A log group's name has no plus sign.
        const path = join(directory, `${logGroupName.replaceAll('/', '+')}.log`)
        if (!descriptors.has(logGroupName)) descriptors.set(logGroupName, openSync(path, 'a'))
        const descriptor = descriptors.get(logGroupName)
        if (descriptor === undefined) return
        const time = new Date(timestampMs).toISOString()
        writeWhole(descriptor, `${time}\t${logStreamName}\t${text.replaceAll('\n', '\n\t')}\n`)
      } catch (error) {
        const descriptor = descriptors.get(logGroupName)
        descriptors.set(logGroupName, undefined)
        if (descriptor !== undefined) closeSync(descriptor)
        onError(error)
      }
    },
    async close() {
      isClosed = true
      for (const descriptor of descriptors.values()) if (descriptor !== undefined) closeSync(descriptor)
    },
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw error
    throw new Error(`no directory for logs at ${directory}: it is a file, or in one`, { cause: error })
  }
}

/** A system may take less of a write than there is. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.byteLength;) from += writeSync(descriptor, bytes, from)
}
