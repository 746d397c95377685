import { describe, expect, onTestFinished, test } from 'vitest'
import type { CacheClient } from '@gomomento/sdk'
import type { RateLimitSettings } from '../../../local/momento/rate-limits.ts'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoServer } from '../../../local/momento/server.ts'
import { outcome, quietClient } from './quiet-client.ts'

interface Limited {
  readonly client: CacheClient
  readonly server: MomentoServer
  readonly clock: { nowMs: number }
}

async function startWith(limits: RateLimitSettings): Promise<Limited> {
  const clock = { nowMs: 0 }
  const server = await startMomento({ caches: ['cache'], nowMs: () => clock.nowMs, limits })
  const client = quietClient(server)
  onTestFinished(async () => {
    client.close()
    await server.close()
  })
  return { client, server, clock }
}

describe('a limit of operations', () => {
  test('refuses what comes over it and lets pass what comes later; control calls are not meant', async () => {
    const { client, server, clock } = await startWith({ operationsPerSecond: 3 })
    const writes = ['a', 'b', 'c', 'd', 'e'].map((key) => client.setIfAbsent('cache', key, 'v'))
    const outcomes = (await Promise.all(writes)).map(outcome)
    expect(outcomes).toEqual(['Stored', 'Stored', 'Stored', 'LIMIT_EXCEEDED_ERROR', 'LIMIT_EXCEEDED_ERROR'])
    const refused = await client.get('cache', 'a')
    expect(refused.toString()).toContain('Request rate limit exceeded for this account')
    expect(outcome(await client.listCaches())).toBe('Success')
    expect(server.counters().limited).toBe(3)
    expect(server.counters().methods['SetIf']).toMatchObject({
      requests: 5,
      errors: { RESOURCE_EXHAUSTED: 2 },
    })
    clock.nowMs += 1_000
    expect(outcome(await client.get('cache', 'c'))).toBe('Hit')
    expect(outcome(await client.get('cache', 'd'))).toBe('Miss')
  })
})

describe('a limit of bytes', () => {
  test('counts what comes in: after a large write nothing passes until it has been paid for', async () => {
    const { client, clock } = await startWith({ bytesPerSecond: 1_000 })
    expect(outcome(await client.set('cache', 'k', 'x'.repeat(2_900)))).toBe('Success')
    const refused = await client.get('cache', 'other')
    expect(outcome(refused)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(refused.toString()).toContain('Bandwidth limit exceeded for this account')
    expect(outcome(await client.listCaches())).toBe('Success')
    clock.nowMs += 1_900
    expect(outcome(await client.get('cache', 'other'))).toBe('LIMIT_EXCEEDED_ERROR')
    clock.nowMs += 100
    expect(outcome(await client.get('cache', 'other'))).toBe('Miss')
  })

  test('counts what goes out', async () => {
    const { client, clock } = await startWith({ bytesPerSecond: 1_000 })
    await client.set('cache', 'k', 'x'.repeat(900))
    clock.nowMs += 1_000
    expect(outcome(await client.get('cache', 'k'))).toBe('Hit')
    expect(outcome(await client.get('cache', 'k'))).toBe('Hit')
    expect(outcome(await client.get('cache', 'k'))).toBe('LIMIT_EXCEEDED_ERROR')
  })
})

test('a limit of control operations leaves data calls alone', async () => {
  const { client } = await startWith({ controlOperationsPerSecond: 1 })
  expect(outcome(await client.createCache('first'))).toBe('Success')
  expect(outcome(await client.createCache('second'))).toBe('LIMIT_EXCEEDED_ERROR')
  expect(outcome(await client.get('first', 'k'))).toBe('Miss')
  expect(outcome(await client.get('second', 'k'))).toBe('NOT_FOUND_ERROR')
})

test('without limits, as many pass as come', async () => {
  const { client } = await startWith({})
  const reads = Array.from({ length: 30 }, () => client.get('cache', 'k'))
  expect(new Set((await Promise.all(reads)).map(outcome))).toEqual(new Set(['Miss']))
})

test.each([0, -1, NaN])('a limit of %d a second is rejected before anything listens', async (limit) => {
  await expect(startMomento({ limits: { operationsPerSecond: limit } })).rejects.toThrow(RangeError)
})
