import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openJournal } from '../../../producers/lib/journal.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
})
afterEach(() => rm(directory, { recursive: true }))

it('has every line in the file, in order, when it is closed', async () => {
  const path = join(directory, 'journal.ndjson')
  const journal = await openJournal(path)
  const lines = Array.from({ length: 20_000 }, (_, number) => ({ number, text: 'a line\nin two' }))
  for (const line of lines) journal.write(line)
  await journal.close()
  const written = (await readFile(path, 'utf8')).split('\n')
  expect(written.pop()).toBe('')
  expect(written.map((text) => JSON.parse(text) as unknown)).toEqual(lines)
})

it('replaces a file that is there', async () => {
  const path = join(directory, 'journal.ndjson')
  await writeFile(path, 'of an earlier run\n'.repeat(100))
  const journal = await openJournal(path)
  journal.write({ run: 2 })
  await journal.close()
  expect(await readFile(path, 'utf8')).toBe('{"run":2}\n')
})

it('is not opened where it cannot be written', async () => {
  await expect(openJournal(join(directory, 'nowhere', 'journal.ndjson'))).rejects.toThrow('ENOENT')
  await expect(openJournal(directory)).rejects.toThrow('EISDIR')
})

const fullDevice = '/dev/full'

it.skipIf(!existsSync(fullDevice))(
  'fails at its close, and not before, when the disk is full (needs /dev/full)',
  async () => {
    const journal = await openJournal(fullDevice)
    journal.write({ number: 1 })
    // Each takes longer than the write that fails, which is before them in the queue.
    for (let file = 0; file < 10; file++) await writeFile(join(directory, 'other'), '')
    journal.write({ number: 2 })
    await expect(journal.close()).rejects.toThrow('ENOSPC')
  },
)
