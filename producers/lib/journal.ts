import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** A file of JSON lines, one for each acknowledged record. */
export interface Journal {
  write(line: object): void
  /** Resolves when every line is in the file. Rejects if one could not be written. */
  close(): Promise<void>
}

/**
 * Opens a journal, anew: a file that exists is replaced. Lines are buffered in memory while the disk is slower.
 * @throws Error if the file cannot be opened.
 */
export async function openJournal(path: string): Promise<Journal> {
  const stream = createWriteStream(path)
  await once(stream, 'open')
  const written = finished(stream)
  // A failure is for close() to report; until then nobody waits for it.
  written.catch(() => undefined)
  return {
    write: (line) => void stream.write(`${JSON.stringify(line)}\n`),
    close: async () => {
      stream.end()
      await written
    },
  }
}
