import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutgoingRecord } from '../../../producers/lib/put-records.ts'
import { type SendOptions, sendRecords } from '../../../producers/lib/send.ts'
import { newGate } from '../../local/momento/gate.ts'
import { startTestKinesis } from '../../local/services/kinesis/start-test-kinesis.ts'
import { watchedClient } from './watched-client.ts'

let kinesis: Awaited<ReturnType<typeof startTestKinesis>>
const clients: { destroy(): void }[] = []

beforeEach(async () => {
  kinesis = await startTestKinesis()
  kinesis.streams.create('flights', { shardCount: 1 })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await kinesis.close()
})

/** Records named by their numbers; `taken` tells how many were asked for and whether the source was closed. */
function source(count: number, dataBytes = 4) {
  const taken = { count: 0, closed: false }
  const records = async function* (): AsyncGenerator<OutgoingRecord> {
    try {
      while (taken.count < count) {
        yield { partitionKey: String(taken.count++), data: Buffer.alloc(dataBytes) }
      }
    } finally {
      taken.closed = true
    }
  }
  return { taken, records: records() }
}

async function* torn(count: number): AsyncGenerator<OutgoingRecord> {
  yield* source(count).records
  throw new Error('the file is torn')
}

function prepare(
  options: Partial<SendOptions<OutgoingRecord>>,
  beforeCall?: (call: number) => Promise<void>,
) {
  const { client, calls } = watchedClient(kinesis.endpoint, beforeCall)
  clients.push(client)
  const acknowledged: string[] = []
  const send = (records: AsyncIterable<OutgoingRecord>): Promise<void> =>
    sendRecords(records, {
      client,
      streamName: 'flights',
      concurrency: 1,
      signal: new AbortController().signal,
      onAcknowledged: ({ record }) => void acknowledged.push(record.partitionKey),
      onRefused: () => undefined,
      ...options,
    })
  return { send, calls, acknowledged, callSizes: () => calls.records.map((records) => records.length) }
}

/** Lets everything happen that needs no more than what is there already. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

const numbersTo = (count: number): string[] => Array.from({ length: count }, (_, number) => String(number))
const inOrder = (texts: readonly string[]): string[] => texts.toSorted((a, b) => Number(a) - Number(b))

describe('all records', () => {
  it('are sent in full calls and acknowledged once each, in order with one call at a time', async () => {
    const { send, callSizes, acknowledged } = prepare({})
    const { records, taken } = source(1_203)
    await send(records)
    expect(callSizes()).toEqual([500, 500, 203])
    expect(acknowledged).toEqual(numbersTo(1_203))
    expect(taken.closed).toBe(true)
  })

  it('make no call where there are none', async () => {
    const { send, callSizes } = prepare({})
    await send(source(0).records)
    expect(callSizes()).toEqual([])
  })

  it('make calls that stay below 5 MiB', async () => {
    const { send, callSizes } = prepare({})
    await send(source(6, 1_000_000).records)
    expect(callSizes()).toEqual([5, 1])
  })
})

describe('refused records', () => {
  it('are sent again before any new ones are, which would take their room', async () => {
    kinesis.streams.create('narrow', { shardCount: 1, failRecord: (count) => count === 3 })
    const isRefused = newGate()
    const narrow = { concurrency: 2, streamName: 'narrow', onRefused: isRefused.open }
    const { send, callSizes, acknowledged } = prepare(narrow, async (call) => {
      if (call === 1) await isRefused.opened
    })
    await send(source(2_000).records)
    expect(callSizes()).toEqual([500, 500, 1, 500, 500])
    expect(inOrder(acknowledged)).toEqual(numbersTo(2_000))
  })
})

describe('concurrency', () => {
  it.each([1, 2, 4])('is used and never exceeded: %i', async (concurrency) => {
    const allBegun = newGate()
    const gate = newGate()
    const { send, calls, acknowledged } = prepare({ concurrency }, async (call) => {
      if (call === concurrency - 1) allBegun.open()
      await gate.opened
    })
    const sending = send(source(3_000).records)
    await allBegun.opened
    await settle()
    expect(calls.records).toHaveLength(concurrency)
    gate.open()
    await sending
    expect(calls.mostUnderWay).toBe(concurrency)
    expect(calls.underWay).toBe(0)
    expect(inOrder(acknowledged)).toEqual(numbersTo(3_000))
  })
})

describe('an abort', () => {
  it('lets the calls under way end and begins no other', async () => {
    const interruption = new AbortController()
    const gate = newGate()
    const { send, calls, acknowledged } = prepare(
      { concurrency: 2, signal: interruption.signal },
      async (call) => {
        if (call === 1) interruption.abort()
        await gate.opened
      },
    )
    const { records, taken } = source(Infinity)
    const sending = send(records)
    await settle()
    gate.open()
    await sending
    expect(calls.records).toHaveLength(2)
    expect(inOrder(acknowledged)).toEqual(numbersTo(1_000))
    expect(taken).toEqual({ count: 1_000, closed: true })
  })

  it('during a pause of the pace begins no other call', async () => {
    const interruption = new AbortController()
    const sleepsMs: number[] = []
    const clock = {
      nowMs: () => 0,
      sleep: async (durationMs: number) => {
        sleepsMs.push(durationMs)
        interruption.abort()
      },
    }
    const { send, callSizes } = prepare({ rate: 30, signal: interruption.signal, clock })
    await send(source(Infinity).records)
    expect(sleepsMs).toEqual([100])
    expect(callSizes()).toEqual([3])
  })

  it('that came before the start sends nothing', async () => {
    const { send, callSizes } = prepare({ signal: AbortSignal.abort() })
    await send(source(10).records)
    expect(callSizes()).toEqual([])
  })
})

describe('a rate', () => {
  it("is kept in calls of a tenth of a second's worth, each taken when its time has come", async () => {
    let nowMs = 0
    const takenAtMs: number[] = []
    const clock = {
      nowMs: () => nowMs,
      sleep: async (durationMs: number) => void (nowMs += durationMs),
    }
    const { send, callSizes } = prepare({ rate: 40, clock })
    const records = async function* (): AsyncGenerator<OutgoingRecord> {
      for await (const record of source(10).records) {
        takenAtMs.push(nowMs)
        yield record
      }
    }
    await send(records())
    expect(callSizes()).toEqual([4, 4, 2])
    expect(takenAtMs).toEqual([0, 0, 0, 0, 100, 100, 100, 100, 200, 200])
  })
})

describe('a failure', () => {
  it('of a call is thrown when the others have ended, and no call follows it', async () => {
    const secondBegun = newGate()
    const gate = newGate()
    const { send, calls, acknowledged } = prepare({ concurrency: 2 }, async (call) => {
      if (call === 1) secondBegun.open()
      await (call === 0 ? secondBegun : gate).opened
      if (call === 0) throw new Error('the first call fails')
    })
    let ended = false
    const { records, taken } = source(Infinity)
    const sending = send(records)
      .catch(String)
      .finally(() => void (ended = true))
    await settle()
    expect([ended, calls.underWay]).toEqual([false, 1])
    gate.open()
    expect(await sending).toBe('Error: the first call fails')
    expect(calls.records).toHaveLength(2)
    expect(acknowledged).toEqual(numbersTo(1_000).slice(500))
    expect(taken.closed).toBe(true)
  })

  it('of the source is thrown when the calls under way have ended', async () => {
    const gate = newGate()
    const { send, acknowledged } = prepare({ concurrency: 2 }, () => gate.opened)
    let ended = false
    const sending = send(torn(500))
      .catch(String)
      .finally(() => void (ended = true))
    await settle()
    expect(ended).toBe(false)
    gate.open()
    expect(await sending).toBe('Error: the file is torn')
    expect(acknowledged).toEqual(numbersTo(500))
  })
})
