import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OrderChange, type OrderLife, orderLives } from '../../../producers/lib/order-lives.ts'
import { writeLives, type WriteLivesOptions } from '../../../producers/lib/write-lives.ts'
import { newGate } from '../../local/momento/gate.ts'
import { lineOf, startTestTable, tableName, type TestTableFaults, watchedTableClient } from './test-table.ts'

const faults: TestTableFaults = {}
let server: Awaited<ReturnType<typeof startTestTable>>
const clients: { destroy(): void }[] = []

beforeEach(async () => {
  delete faults.unprocessed
  server = await startTestTable(faults)
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await server.close()
})

const { lineId: _, status: __, ...line } = lineOf('any')
const livesOf = (limit: number, run = 'run'): OrderLife[] => [...orderLives([line], { run, limit, seed: 1 })]

function prepare(options: Partial<WriteLivesOptions> = {}, beforeCall?: (call: number) => Promise<void>) {
  const { client, calls } = watchedTableClient(server.endpoint, beforeCall)
  clients.push(client)
  const changed: OrderChange[] = []
  const conflicts: OrderChange[] = []
  const write = (lives: Iterable<OrderLife>): Promise<void> =>
    writeLives(lives[Symbol.iterator](), {
      table: { client, tableName, onRefused: () => undefined, sleep: () => Promise.resolve() },
      concurrency: 4,
      signal: new AbortController().signal,
      onChanged: (change) => void changed.push(change),
      onConflict: (change) => void conflicts.push(change),
      ...options,
    })
  return { write, calls, changed, conflicts }
}

/** What the table has seen of each line, once all lives are over. */
function waysOf(lives: readonly OrderLife[]): Map<string, string[]> {
  return new Map(
    lives.map((life) => [life[0].new.lineId, life.map((change) => change.new?.status ?? 'deleted')]),
  )
}

/** Lets everything happen that needs no more than what is there already. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

describe('lives', () => {
  it.each([1, 3, 8])(
    'are written from placing to end, each in its order: %i at once',
    async (concurrency) => {
      const lives = livesOf(100)
      const { write, changed, conflicts, calls } = prepare({ concurrency })
      await write(lives)
      expect(server.histories).toEqual(waysOf(lives))
      expect(new Set(changed)).toEqual(new Set(lives.flat()))
      expect(changed).toHaveLength(lives.flat().length)
      expect(conflicts).toEqual([])
      expect(calls.lines.filter((lines) => lines.length === 25)).toHaveLength(100 / 25)
    },
  )

  it('make no call where there are none', async () => {
    const { write, calls } = prepare()
    await write([])
    expect(calls.lines).toEqual([])
  })

  it('go on although lines are not processed at first', async () => {
    let call = 0
    faults.unprocessed = (lineIds) => (++call % 2 === 1 ? lineIds.slice(3) : [])
    const lives = livesOf(60)
    await prepare().write(lives)
    expect(server.histories).toEqual(waysOf(lives))
  })

  it('are begun only while there is room: lines move on before all are placed', async () => {
    const { write, calls } = prepare({ concurrency: 1 })
    await write(livesOf(275))
    const firstMove = calls.lines.findIndex((lines) => lines.length === 1)
    expect(firstMove).toBe(10)
  })
})

describe('concurrency', () => {
  it.each([1, 2, 5])('is used and never exceeded: %i', async (concurrency) => {
    const allBegun = newGate()
    const gate = newGate()
    const { write, calls } = prepare({ concurrency }, async (call) => {
      if (call === concurrency - 1) allBegun.open()
      await gate.opened
    })
    const writing = write(livesOf(125))
    await allBegun.opened
    await settle()
    expect(calls.lines).toHaveLength(concurrency)
    gate.open()
    await writing
    expect(calls.mostUnderWay).toBe(concurrency)
    expect(calls.underWay).toBe(0)
  })
})

describe('a line that somebody else has changed', () => {
  it('is a conflict and is left alone, and all others go on', async () => {
    const lives = livesOf(50)
    const { write, changed, conflicts } = prepare({ concurrency: 1 }, async (call) => {
      // Both calls of 25 have placed all lines.
      if (call !== 2) return
      const item = server.items.get('run-7')
      if (item !== undefined) server.items.set('run-7', { ...item, status: { S: 'lost' } })
    })
    await write(lives)
    expect(conflicts).toEqual([lives[6]?.[1]])
    expect(changed).toHaveLength(lives.flat().length - (lives[6]?.length ?? 0) + 1)
    expect(server.histories.get('run-7')).toEqual(['placed'])
    expect(server.items.get('run-7')).toMatchObject({ status: { S: 'lost' } })
  })

  it('keeps a life in order, where two producers write the very same one', async () => {
    const lives = livesOf(25)
    const bothPlaced = newGate()
    let placed = 0
    const onChanged = (change: OrderChange): void => {
      if (change.old === undefined && ++placed === 50) bothPlaced.open()
    }
    const afterPlacing = (call: number): Promise<void> => (call === 0 ? Promise.resolve() : bothPlaced.opened)
    const [one, other] = [prepare({ onChanged }, afterPlacing), prepare({ onChanged }, afterPlacing)]
    await Promise.all([one.write(lives), other.write(lives)])
    // Both place every line; whatever follows is a step from where the line was, made by one of the two.
    const once = waysOf(lives)
    expect(server.histories).toEqual(new Map(Array.from(once, ([id, way]) => [id, ['placed', ...way]])))
    expect(one.conflicts.length + other.conflicts.length).toBe(lives.length)
  })
})

describe('an abort', () => {
  it('lets the requests under way end and begins no other', async () => {
    const interruption = new AbortController()
    const gate = newGate()
    const { write, calls, changed } = prepare(
      { concurrency: 2, signal: interruption.signal },
      async (call) => {
        if (call === 1) interruption.abort()
        await gate.opened
      },
    )
    const writing = write(orderLives([line], { run: 'run', seed: 1 }))
    await settle()
    gate.open()
    await writing
    expect(calls.lines).toHaveLength(2)
    expect(changed).toHaveLength(50)
    expect(server.items.size).toBe(50)
  })

  it('during a pause of the pace begins no other request', async () => {
    const interruption = new AbortController()
    const clock = { nowMs: () => 0, sleep: async () => interruption.abort() }
    const { write, calls } = prepare({ rate: 30, signal: interruption.signal, clock })
    await write(livesOf(10))
    expect(calls.lines.map((lines) => lines.length)).toEqual([3])
  })
})

it('a rate is kept, by changes, however many a request makes', async () => {
  let nowMs = 0
  const clock = { nowMs: () => nowMs, sleep: async (durationMs: number) => void (nowMs += durationMs) }
  const lives = livesOf(20)
  await prepare({ rate: 40, concurrency: 1, clock }).write(lives)
  const changes = lives.flat().length
  expect(nowMs).toBeCloseTo(((changes - 1) / 40) * 1_000)
})

it('a failure is thrown when the other requests have ended, and none follows it', async () => {
  const secondBegun = newGate()
  const gate = newGate()
  const { write, calls, changed } = prepare({ concurrency: 2 }, async (call) => {
    if (call === 1) secondBegun.open()
    await (call === 0 ? secondBegun : gate).opened
    if (call === 0) throw new Error('the first request fails')
  })
  let ended = false
  const writing = write(livesOf(500))
    .catch(String)
    .finally(() => void (ended = true))
  await settle()
  expect([ended, calls.underWay]).toEqual([false, 1])
  gate.open()
  expect(await writing).toBe('Error: the first request fails')
  expect(calls.lines).toHaveLength(2)
  expect(changed).toHaveLength(25)
})
