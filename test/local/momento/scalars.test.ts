import { CacheItemGetTtl } from '@gomomento/sdk'
import { describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome } from './quiet-client.ts'

const momento = useMomento()

async function remainingMs(key: string): Promise<number | undefined> {
  const response = await momento().client.itemGetTtl('cache', key)
  return response instanceof CacheItemGetTtl.Hit ? response.remainingTtlMillis() : undefined
}

describe('get, set and delete', () => {
  test('a value comes back until it is deleted, and a missing key is a miss', async () => {
    const { client } = momento()
    expect(outcome(await client.get('cache', 'scalar'))).toBe('Miss')
    expect(outcome(await client.set('cache', 'scalar', 'value'))).toBe('Success')
    expect((await client.get('cache', 'scalar')).value()).toBe('value')
    expect(outcome(await client.delete('cache', 'scalar'))).toBe('Success')
    expect(outcome(await client.get('cache', 'scalar'))).toBe('Miss')
    expect(outcome(await client.delete('cache', 'scalar'))).toBe('Success')
  })

  test('bytes that are no text survive as key and value, and an empty value is a hit', async () => {
    const { client } = momento()
    const key = Uint8Array.of(0, 0xff, 0xc3)
    await client.set('cache', key, Uint8Array.of(0xfe, 0))
    const response = await client.get('cache', key)
    expect('valueUint8Array' in response && response.valueUint8Array()).toEqual(Uint8Array.of(0xfe, 0))
    await client.set('cache', 'empty', '')
    expect((await client.get('cache', 'empty')).value()).toBe('')
  })

  test('a value of 5,000,000 bytes is kept whole; one of 5,300,000 is over the item limit and changes nothing', async () => {
    const { client } = momento()
    const large = 'x'.repeat(5_000_000)
    expect(outcome(await client.set('cache', 'large', large))).toBe('Success')
    const tooLarge = await client.set('cache', 'large', 'y'.repeat(5_300_000))
    expect(outcome(tooLarge)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(tooLarge.toString()).toContain('Item size limit exceeded')
    expect((await client.get('cache', 'large')).value() === large).toBe(true)
  })
})

describe('time to live', () => {
  test('an item is there until its time is over and not at that moment', async () => {
    const { client, clock } = momento()
    await client.set('cache', 'brief', 'value', { ttl: 2 })
    clock.nowMs += 1999.5
    expect(outcome(await client.get('cache', 'brief'))).toBe('Hit')
    clock.nowMs += 0.5
    expect(outcome(await client.get('cache', 'brief'))).toBe('Miss')
    expect(outcome(await client.getWithHash('cache', 'brief'))).toBe('Miss')
    expect(await remainingMs('brief')).toBeUndefined()
  })

  test('the remaining time falls below what was set with the first fraction of a millisecond', async () => {
    const { client, clock } = momento()
    await client.set('cache', 'counted', 'value', { ttl: 3 })
    clock.nowMs += 0.25
    expect(await remainingMs('counted')).toBe(2999)
    clock.nowMs += 1000
    expect(await remainingMs('counted')).toBe(1999)
    await client.set('cache', 'counted', 'value', { ttl: 3 })
    expect(await remainingMs('counted')).toBe(3000)
  })

  test('a call without a time to live takes the default of the client', async () => {
    await momento().client.set('cache', 'default', 'value')
    expect(await remainingMs('default')).toBe(60_000)
  })
})

describe('increment', () => {
  test('counts from 0 in either direction and overwrites the time to live', async () => {
    const { client } = momento()
    expect((await client.increment('cache', 'counter', 5, { ttl: 10 })).value()).toBe(5)
    expect(await remainingMs('counter')).toBe(10_000)
    expect((await client.increment('cache', 'counter', -8, { ttl: 20 })).value()).toBe(-3)
    expect(await remainingMs('counter')).toBe(20_000)
    expect((await client.get('cache', 'counter')).value()).toBe('-3')
    expect((await client.increment('cache', 'counter', 3)).value()).toBe(0)
  })

  test('a text that is no integer, or a sum over 64 bits, fails and changes nothing', async () => {
    const { client } = momento()
    for (const text of ['1.5', 'ten', '', ' 1', '9223372036854775807']) {
      await client.set('cache', 'text', text)
      expect(outcome(await client.increment('cache', 'text', 1))).toBe('FAILED_PRECONDITION_ERROR')
      expect((await client.get('cache', 'text')).value()).toBe(text)
    }
    await client.set('cache', 'text', '9223372036854775808')
    expect(outcome(await client.increment('cache', 'text', -1))).toBe('FAILED_PRECONDITION_ERROR')
    await client.set('cache', 'text', '9223372036854775806')
    expect(outcome(await client.increment('cache', 'text', 1))).toBe('Success')
    expect((await client.get('cache', 'text')).value()).toBe('9223372036854775807')
  })
})

test('every call on a cache that does not exist is an error that says so', async () => {
  const { client } = momento()
  const responses = [
    await client.get('none', 'k'),
    await client.set('none', 'k', 'v'),
    await client.delete('none', 'k'),
    await client.getWithHash('none', 'k'),
    await client.increment('none', 'k'),
    await client.itemGetTtl('none', 'k'),
    await client.setIfAbsent('none', 'k', 'v'),
    await client.setWithHash('none', 'k', 'v'),
  ]
  for (const response of responses) expect(outcome(response)).toBe('NOT_FOUND_ERROR')
})
