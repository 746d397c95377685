import type { CacheClient } from '@gomomento/sdk'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { MomentoCounters } from '../../../local/momento/counters.ts'
import { checkFaults, drawDelayMs, drawFate } from '../../../local/momento/faults.ts'
import type { DataCall } from '../../../local/momento/faults.ts'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoOptions, MomentoServer } from '../../../local/momento/server.ts'
import { useMomento } from './fixture.ts'
import { newGate } from './gate.ts'
import { outcome, quietClient } from './quiet-client.ts'

const momento = useMomento()
afterEach(() => momento().server.setFaults({}))

function cancelledOf({ methods }: MomentoCounters): number {
  return methods['SetIf']?.errors['CANCELLED'] ?? 0
}

describe('rates', () => {
  test('a lost answer is an error to the client, and the write has happened', async () => {
    const { client, server } = momento()
    const before = server.counters()
    server.setFaults({ loseAnswerRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'lost', 'value'))).toBe('SERVER_UNAVAILABLE')
    server.setFaults({})
    expect((await client.get('cache', 'lost')).value()).toBe('value')
    expect(server.counters().answersLost).toBe(before.answersLost + 1)
    expect(server.counters().refused).toBe(before.refused)
  })

  test('a refused call is the same error, and nothing has happened', async () => {
    const { client, server } = momento()
    const before = server.counters()
    server.setFaults({ refuseRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'refused', 'value'))).toBe('SERVER_UNAVAILABLE')
    server.setFaults({})
    expect(outcome(await client.get('cache', 'refused'))).toBe('Miss')
    expect(server.counters().refused).toBe(before.refused + 1)
    expect(server.counters().answersLost).toBe(before.answersLost)
  })

  test('the SDK retries a refused get three times, which the counters show', async () => {
    const { client, server } = momento()
    const gets = (): number => server.counters().methods['Get']?.requests ?? 0
    const before = gets()
    server.setFaults({ refuseRate: 1 })
    expect(outcome(await client.get('cache', 'k'))).toBe('SERVER_UNAVAILABLE')
    expect(gets() - before).toBe(4)
  })

  test('a call over the rate is a limit to the client, which does not retry it, and nothing has happened', async () => {
    const { client, server } = momento()
    const before = server.counters()
    server.setFaults({ limitRate: 1 })
    const response = await client.get('cache', 'limited')
    expect(outcome(response)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(response.toString()).toContain('Request rate limit exceeded for this account')
    expect(outcome(await client.setIfAbsent('cache', 'limited', 'value'))).toBe('LIMIT_EXCEEDED_ERROR')
    expect(server.counters().limited).toBe(before.limited + 2)
    server.setFaults({})
    expect(outcome(await client.get('cache', 'limited'))).toBe('Miss')
  })

  test('a held call is a time-out to the client, and the write has happened', async () => {
    const { client, server } = momento()
    const before = server.counters()
    server.setFaults({ holdRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'never answered', 'value'))).toBe('TIMEOUT_ERROR')
    expect(server.counters().held).toBe(before.held + 1)
    server.setFaults({})
    expect((await client.get('cache', 'never answered')).value()).toBe('value')
  })

  test('a call fails with any status that is asked for, and nothing has happened', async () => {
    const { client, server } = momento()
    const before = server.counters()
    for (const [failRates, code] of [
      [{ internal: 1 }, 'INTERNAL_SERVER_ERROR'],
      [{ 'deadline-exceeded': 1 }, 'TIMEOUT_ERROR'],
      [{ 'failed-precondition': 1 }, 'FAILED_PRECONDITION_ERROR'],
      [{ unauthenticated: 1 }, 'AUTHENTICATION_ERROR'],
    ] as const) {
      server.setFaults({ failRates })
      expect(outcome(await client.setIfAbsent('cache', 'failed', 'value'))).toBe(code)
    }
    server.setFaults({})
    expect(outcome(await client.get('cache', 'failed'))).toBe('Miss')
    expect(server.counters().refused).toBe(before.refused + 4)
  })

  test('a cut connection takes all its calls along, after they were applied; the client connects again', async () => {
    const { client, server } = momento()
    const before = server.counters()
    const reached = newGate()
    const held = newGate()
    server.setFaults({
      onApplied: () => {
        reached.open()
        return held.opened
      },
    })
    const other = client.setIfAbsent('cache', 'beside', 'value')
    await reached.opened
    server.setFaults({ cutRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'cut', 'value'))).toBe('SERVER_UNAVAILABLE')
    expect(outcome(await other)).toBe('SERVER_UNAVAILABLE')
    held.open()
    server.setFaults({})
    const valueOf = async (key: string): Promise<string | undefined> =>
      (await client.get('cache', key)).value()
    await expect.poll(() => valueOf('cut'), { timeout: 15_000 }).toBe('value')
    expect(await valueOf('beside')).toBe('value')
    const { cut, connections } = server.counters()
    expect(cut).toBe(before.cut + 1)
    expect(connections).toBeGreaterThan(before.connections)
    expect(cancelledOf(server.counters()) - cancelledOf(before)).toBe(2)
  })

  test('faults of named methods leave the others alone, and all leave the control plane alone', async () => {
    const { client, server } = momento()
    server.setFaults({ refuseRate: 1, methods: ['SetIfHash'] })
    expect(outcome(await client.setWithHash('cache', 'named', 'v'))).toBe('SERVER_UNAVAILABLE')
    expect(outcome(await client.setIfAbsent('cache', 'named', 'v'))).toBe('Stored')
    server.setFaults({ refuseRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'named', 'v'))).toBe('SERVER_UNAVAILABLE')
    expect(outcome(await client.listCaches())).toBe('Success')
  })

  test('the numbers drawn decide each fate, at the exact bounds of the rates', () => {
    const faults = { refuseRate: 0.25, loseAnswerRate: 0.5 }
    const fates = [0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map((drawn) => drawFate(faults, 'Get', () => drawn))
    expect(fates).toEqual(['refused', 'refused', 'answerLost', 'answerLost', 'answered', 'answered'])
    const more = { ...faults, limitRate: 0.125, holdRate: 0.125 }
    const moreFates = [0.7499, 0.75, 0.8749, 0.875, 0.9999].map((drawn) => drawFate(more, 'Get', () => drawn))
    expect(moreFates).toEqual(['answerLost', 'limited', 'limited', 'held', 'held'])
    expect(drawFate({}, 'Get', () => 0)).toBe('answered')
    const byStatus = { refuseRate: 0.25, failRates: { internal: 0.25, aborted: 0.125 }, cutRate: 0.125 }
    const statusFates = [0.25, 0.5, 0.625, 0.7499, 0.75].map((drawn) =>
      drawFate(byStatus, 'Get', () => drawn),
    )
    expect(statusFates).toEqual(['internal', 'aborted', 'cut', 'cut', 'answered'])
    expect(drawFate({ refuseRate: 1, methods: ['Set'] }, 'Get', () => 0)).toBe('answered')
  })

  test('rates that are no shares of one whole are rejected and change nothing', async () => {
    const { client, server } = momento()
    const wrong = [{ refuseRate: -0.1 }, { loseAnswerRate: 1.1 }, { limitRate: NaN }, { holdRate: 2 }]
    const more = [
      { refuseRate: 0.6, loseAnswerRate: 0.6 },
      { failRates: { internal: 0.6 }, cutRate: 0.6 },
      { failRates: { internal: -1 } },
      { evictRate: 0.6, rollBackRate: 0.6 },
      { staleRate: 1.1 },
      { delayRate: 2, delayMs: 1 },
      { delayMs: -1 },
      { delayMs: 2 ** 31 },
      { staleForMs: NaN },
    ]
    for (const faults of [...wrong, ...more]) {
      expect(() => server.setFaults(faults)).toThrow(RangeError)
    }
    expect(outcome(await client.setWithHash('cache', 'k', 'v'))).toBe('Stored')
    expect(() => checkFaults({ refuseRate: 0.5, loseAnswerRate: 0.5 })).not.toThrow()
  })
})

describe('delays', () => {
  interface Timer {
    readonly ms: number
    readonly callback: () => void
    isCancelled: boolean
  }

  async function startWithTimers(): Promise<{ server: MomentoServer; client: CacheClient; timers: Timer[] }> {
    const timers: Timer[] = []
    const after: MomentoOptions['after'] = (ms, callback) => {
      const timer = { ms, callback, isCancelled: false }
      timers.push(timer)
      return () => {
        timer.isCancelled = true
      }
    }
    const server = await startMomento({ caches: ['cache'], after, random: () => 0.5 })
    const client = quietClient(server)
    onTestFinished(async () => {
      client.close()
      await server.close()
    })
    return { server, client, timers }
  }

  test('a delayed call has done nothing until its time has come, and is answered then', async () => {
    const { server, client, timers } = await startWithTimers()
    server.setFaults({ delayMs: 300, methods: ['SetIf'] })
    const write = client.setIfAbsent('cache', 'k', 'late')
    await expect.poll(() => timers.length).toBe(1)
    expect(outcome(await client.get('cache', 'k'))).toBe('Miss')
    timers[0]?.callback()
    expect(outcome(await write)).toBe('Stored')
    expect(timers.map(({ ms }) => ms)).toEqual([300])
    expect(server.counters().delayed).toBe(1)
  })

  test('one that is given up meanwhile is never applied, and its timer is gone', async () => {
    const { server, client, timers } = await startWithTimers()
    server.setFaults({ delayMs: 300 })
    const abort = new AbortController()
    const write = client.setIfAbsent('cache', 'k', 'late', { abortSignal: abort.signal })
    await expect.poll(() => timers.length).toBe(1)
    abort.abort()
    expect(outcome(await write)).toBe('CANCELLED_ERROR')
    await expect.poll(() => timers[0]?.isCancelled).toBe(true)
  })

  test('a share of calls is delayed, as the draws say; without the rate, all are', () => {
    const delays = [0.2, 0.3].map((drawn) => drawDelayMs({ delayMs: 5, delayRate: 0.25 }, 'Get', () => drawn))
    expect(delays).toEqual([5, 0])
    expect(drawDelayMs({ delayMs: 5 }, 'Get', () => 0.9)).toBe(5)
    expect(drawDelayMs({ delayMs: 5, methods: ['Set'] }, 'Get', () => 0)).toBe(0)
  })
})

describe('onApplied', () => {
  test('sees the call after it was applied, and its answer waits for the hook', async () => {
    const { client, server } = momento()
    const seen: DataCall[] = []
    const applied = newGate()
    const held = newGate()
    server.setFaults({
      onApplied: (call) => {
        seen.push(call)
        applied.open()
        return held.opened
      },
    })
    let answered = false
    const write = client.setIfAbsent('cache', 'held', 'value').finally(() => (answered = true))
    await applied.opened
    server.setFaults({})
    expect((await client.get('cache', 'held')).value()).toBe('value')
    expect(answered).toBe(false)
    held.open()
    expect(outcome(await write)).toBe('Stored')
    expect(seen.map(({ method, cache, key }) => [method, cache, Buffer.from(key).toString()])).toEqual([
      ['SetIf', 'cache', 'held'],
    ])
  })

  test('is not called for a call that was refused or failed', async () => {
    const { client, server } = momento()
    let calls = 0
    const onApplied = (): void => void (calls += 1)
    server.setFaults({ onApplied, refuseRate: 1 })
    await client.setIfAbsent('cache', 'k', 'v')
    server.setFaults({ onApplied })
    await client.setIfAbsent('none', 'k', 'v')
    expect(calls).toBe(0)
    await client.setIfAbsent('cache', 'k', 'v')
    expect(calls).toBe(1)
  })

  test('an error it throws reaches the caller of an applied write', async () => {
    const { client, server } = momento()
    server.setFaults({
      onApplied: () => {
        throw new Error('the hook failed')
      },
    })
    const response = await client.setIfAbsent('cache', 'thrown', 'value')
    expect(outcome(response)).toBe('INTERNAL_SERVER_ERROR')
    expect(response.toString()).toContain('the hook failed')
    server.setFaults({})
    expect(outcome(await client.get('cache', 'thrown'))).toBe('Hit')
  })

  test('a caller that is gone before its answer harms no other call', async () => {
    const { client, server } = momento()
    const held = newGate()
    const abort = new AbortController()
    server.setFaults({
      onApplied: () => {
        abort.abort()
        return held.opened
      },
    })
    const write = client.setIfAbsent('cache', 'gone', 'value', { abortSignal: abort.signal })
    expect(outcome(await write)).toBe('CANCELLED_ERROR')
    held.open()
    server.setFaults({})
    expect((await client.get('cache', 'gone')).value()).toBe('value')
  })
})
