import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Journal, readJournal } from '../../demo/journal.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function journalOf(...lines: readonly object[]): Promise<Journal> {
  const path = join(directory, 'flights.ndjson')
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return readJournal(path)
}

function lineWith(line: object): object {
  const flight = { flightId: 'a', sentAt: 0, origin: 'JFK', destination: 'LAX', distance: 100, delay: 5 }
  return { kind: 'event', shardId: 'shardId-000000000000', sequenceNumber: '1', ...flight, ...line }
}

it('takes a departure once, whether its repeat was acknowledged after it or before', async () => {
  const { departures, duplicatesSent } = await journalOf(
    lineWith({ flightId: 'a' }),
    lineWith({ flightId: 'a', kind: 'duplicate' }),
    lineWith({ flightId: 'b', kind: 'duplicate' }),
    lineWith({ flightId: 'b' }),
  )
  expect(departures.map(({ flightId }) => flightId)).toEqual(['a', 'b'])
  expect(duplicatesSent).toBe(2)
})

it('keeps unreadable records by their place in the stream, and takes them for no departures', async () => {
  const garbage = { kind: 'garbage', shardId: 'shardId-000000000001', data: 'w4k=' }
  const journal = await journalOf(
    lineWith({}),
    { ...garbage, sequenceNumber: '7' },
    { ...garbage, sequenceNumber: '8' },
  )
  expect(journal.departures).toHaveLength(1)
  expect(journal.garbage).toEqual(
    new Map([
      ['shardId-000000000001 7', 'w4k='],
      ['shardId-000000000001 8', 'w4k='],
    ]),
  )
})

it('finds nothing in an empty journal', async () => {
  expect(await journalOf()).toEqual({ departures: [], duplicatesSent: 0, garbage: new Map() })
})
