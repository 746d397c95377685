import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Recount, recountFlights } from '../../demo/recount.ts'

const minute = 1_760_000_040_000
let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function recount(...lines: readonly object[]): Promise<Recount> {
  const path = join(directory, 'flights.ndjson')
  await writeFile(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return recountFlights(path)
}

function lineWith(line: object): object {
  const flight = { flightId: 'a', sentAt: minute, origin: 'JFK', destination: 'LAX', distance: 100, delay: 5 }
  return { kind: 'event', shardId: 'shardId-000000000000', sequenceNumber: '1', ...flight, ...line }
}

/** The values of a group with a single departure. */
function one(delay: number): object {
  return { departures: 1, distance: 100, meanDelay: delay, bestDelay: delay, worstDelay: delay }
}

it('counts each departure in its minute, by origin and by route', async () => {
  const { sent, groups } = await recount(
    lineWith({ flightId: 'a', delay: 5 }),
    lineWith({ flightId: 'b', delay: -2, distance: 250, sentAt: minute + 59_999 }),
    lineWith({ flightId: 'c', delay: 7, destination: 'SFO' }),
    lineWith({ flightId: 'd', delay: 1, sentAt: minute + 60_000 }),
  )
  expect(sent).toBe(4)
  expect(groups.origin).toEqual(
    new Map([
      [`${minute} "JFK"`, { departures: 3, distance: 450, meanDelay: 10 / 3, bestDelay: -2, worstDelay: 7 }],
      [`${minute + 60_000} "JFK"`, one(1)],
    ]),
  )
  expect(groups.route).toEqual(
    new Map([
      [
        `${minute} ["JFK","LAX"]`,
        { departures: 2, distance: 350, meanDelay: 1.5, bestDelay: -2, worstDelay: 5 },
      ],
      [`${minute} ["JFK","SFO"]`, one(7)],
      [`${minute + 60_000} ["JFK","LAX"]`, one(1)],
    ]),
  )
})

it('counts a departure once, whether its repeat was acknowledged after it or before', async () => {
  const { sent, duplicatesSent, groups } = await recount(
    lineWith({ flightId: 'a' }),
    lineWith({ flightId: 'a', kind: 'duplicate' }),
    lineWith({ flightId: 'b', kind: 'duplicate' }),
    lineWith({ flightId: 'b' }),
  )
  expect([sent, duplicatesSent]).toEqual([2, 2])
  expect(groups.origin.get(`${minute} "JFK"`)?.departures).toBe(2)
})

it('keeps unreadable records by their place in the stream, and counts them nowhere', async () => {
  const garbage = { kind: 'garbage', shardId: 'shardId-000000000001', data: 'w4k=' }
  const {
    sent,
    garbage: found,
    groups,
  } = await recount(lineWith({}), { ...garbage, sequenceNumber: '7' }, { ...garbage, sequenceNumber: '8' })
  expect(sent).toBe(1)
  expect(found).toEqual(
    new Map([
      ['shardId-000000000001 7', 'w4k='],
      ['shardId-000000000001 8', 'w4k='],
    ]),
  )
  expect(groups.origin.size).toBe(1)
})

it('finds nothing in an empty journal', async () => {
  const { sent, groups } = await recount()
  expect([sent, groups.origin.size, groups.route.size]).toEqual([0, 0, 0])
})
