import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AwsServiceError } from '../../../local/services/aws-json-server.ts'
import {
  deleteLine,
  moveLine,
  type OrderTable,
  putLines,
  RefusedWritesError,
} from '../../../producers/lib/order-table.ts'
import {
  itemOf,
  lineOf,
  startTestTable,
  tableName,
  type TestTableFaults,
  watchedTableClient,
} from './test-table.ts'

const faults: TestTableFaults = {}
let server: Awaited<ReturnType<typeof startTestTable>>
let watched: ReturnType<typeof watchedTableClient>
let refused: number[] = []
let pausesMs: number[] = []
let table: OrderTable

beforeEach(async () => {
  delete faults.unprocessed
  delete faults.beforeCall
  server = await startTestTable(faults)
  watched = watchedTableClient(server.endpoint)
  refused = []
  pausesMs = []
  table = {
    client: watched.client,
    tableName,
    onRefused: (count) => void refused.push(count),
    sleep: async (durationMs) => void pausesMs.push(durationMs),
  }
})
afterEach(async () => {
  watched.client.destroy()
  await server.close()
})

async function put(...lineIds: readonly string[]): Promise<string[]> {
  const written: string[] = []
  const lines = lineIds.map((lineId) => lineOf(lineId))
  await putLines(table, lines, ({ lineId }) => void written.push(lineId))
  return written
}

/** Throttles the first so many calls. */
function throttle(calls: number, code = 'ProvisionedThroughputExceededException'): void {
  let left = calls
  faults.beforeCall = () => {
    if (left-- > 0) throw new AwsServiceError(code, 'slow down')
  }
}

describe('new lines', () => {
  it('go in one call, to the last decimal', async () => {
    expect(await put('a', 'b', 'c')).toEqual(['a', 'b', 'c'])
    expect(watched.calls.lines).toEqual([['a', 'b', 'c']])
    expect([...server.items.values()]).toEqual(['a', 'b', 'c'].map((lineId) => itemOf(lineOf(lineId))))
    expect([refused, pausesMs]).toEqual([[], []])
  })

  it('that are not processed are written again alone, so that each is told once', async () => {
    faults.unprocessed = (lineIds) => (lineIds.length > 1 ? lineIds.slice(1) : [])
    expect(await put('a', 'b', 'c')).toEqual(['a', 'b', 'c'])
    expect(watched.calls.lines).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']])
    expect(refused).toEqual([2, 1])
    expect(server.histories).toEqual(new Map(['a', 'b', 'c'].map((lineId) => [lineId, ['placed']])))
  })

  it('of a call that is throttled as a whole are written again, all of them', async () => {
    throttle(2)
    expect(await put('a', 'b')).toEqual(['a', 'b'])
    expect(refused).toEqual([2, 2])
    expect(server.items.size).toBe(2)
  })

  it('are given up after 20 attempts with growing pauses, and the others are there', async () => {
    faults.unprocessed = (lineIds) => lineIds.filter((lineId) => lineId === 'b')
    const failure = await put('a', 'b').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(RefusedWritesError)
    expect(String(failure)).toContain('1 writes were refused 20 times')
    expect([...server.items.keys()]).toEqual(['a'])
    expect(pausesMs).toHaveLength(19)
    for (const [retry, pauseMs] of pausesMs.entries()) {
      const mostMs = Math.min(50 * 2 ** retry, 2_000)
      expect(pauseMs).toBeGreaterThanOrEqual(mostMs / 2)
      expect(pauseMs).toBeLessThanOrEqual(mostMs)
    }
  })
})

describe('a line', () => {
  it('moves from the status that is expected', async () => {
    await put('a')
    expect(await moveLine(table, lineOf('a'), lineOf('a', { status: 'paid' }))).toBe(true)
    expect(server.items.get('a')).toEqual(itemOf(lineOf('a', { status: 'paid' })))
  })

  it('does not move from any other, nor one that is gone', async () => {
    await put('a')
    const [paid, shipped] = [lineOf('a', { status: 'paid' }), lineOf('a', { status: 'shipped' })]
    expect(await moveLine(table, paid, shipped)).toBe(false)
    expect(await moveLine(table, lineOf('gone'), lineOf('gone', { status: 'paid' }))).toBe(false)
    expect(server.histories).toEqual(new Map([['a', ['placed']]]))
  })

  it('is deleted in the status that is expected, and in no other', async () => {
    await put('a')
    expect(await deleteLine(table, lineOf('a', { status: 'cancelled' }))).toBe(false)
    expect(server.items.has('a')).toBe(true)
    expect(await deleteLine(table, lineOf('a'))).toBe(true)
    expect(server.items.has('a')).toBe(false)
  })

  it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
    'moves once %s is over',
    async (code) => {
      await put('a')
      throttle(3, code)
      expect(await moveLine(table, lineOf('a'), lineOf('a', { status: 'paid' }))).toBe(true)
      expect(refused).toEqual([1, 1, 1])
    },
  )
})

it('fails as the client does when something else is wrong, without another attempt', async () => {
  throttle(9, 'ResourceNotFoundException')
  await expect(put('a')).rejects.toThrow('slow down')
  await expect(moveLine(table, lineOf('a'), lineOf('a'))).rejects.toThrow('slow down')
  await expect(deleteLine(table, lineOf('a'))).rejects.toThrow('slow down')
  expect(watched.calls.lines).toHaveLength(3)
})
