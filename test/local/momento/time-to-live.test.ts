import { cache } from '@gomomento/generated-types'
import { CacheItemGetTtl, CacheItemGetType, CacheKeyExists, CacheKeysExist, ItemType } from '@gomomento/sdk'
import { describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'

const momento = useMomento()

async function remainingMs(key: string): Promise<number | undefined> {
  const response = await momento().client.itemGetTtl('cache', key)
  return response instanceof CacheItemGetTtl.Hit ? response.remainingTtlMillis() : undefined
}

describe('changing the time to live', () => {
  type Change = 'updateTtl' | 'increaseTtl' | 'decreaseTtl'

  test.each<[Change, number, string]>([
    ['updateTtl', 5001, 'Set'],
    ['updateTtl', 5000, 'Set'],
    ['updateTtl', 4999, 'Set'],
    ['increaseTtl', 5001, 'Set'],
    ['increaseTtl', 5000, 'NotSet'],
    ['increaseTtl', 4999, 'NotSet'],
    ['decreaseTtl', 5001, 'NotSet'],
    ['decreaseTtl', 5000, 'NotSet'],
    ['decreaseTtl', 4999, 'Set'],
  ])('by %s to %d ms where 5,000 are left is %s', async (change, ms, answer) => {
    const { client, clock } = momento()
    await client.set('cache', 'timed', 'v', { ttl: 8 })
    clock.nowMs += 3000
    expect(outcome(await client[change]('cache', 'timed', ms))).toBe(answer)
    expect(await remainingMs('timed')).toBe(answer === 'Set' ? ms : 5000)
    clock.nowMs += answer === 'Set' ? ms : 5000
    expect(outcome(await client.get('cache', 'timed'))).toBe('Miss')
  })

  test.each<Change>(['updateTtl', 'increaseTtl', 'decreaseTtl'])(
    'by %s is a miss where nothing is, and an error on a cache that is not there',
    async (change) => {
      const { client } = momento()
      expect(outcome(await client[change]('cache', 'none', 1000))).toBe('Miss')
      expect(outcome(await client[change]('none', 'none', 1000))).toBe('NOT_FOUND_ERROR')
    },
  )

  test('works on a collection too', async () => {
    const { client, clock } = momento()
    await client.listPushBack('cache', 'list', 'v')
    expect(outcome(await client.decreaseTtl('cache', 'list', 10))).toBe('Set')
    clock.nowMs += 10
    expect(outcome(await client.listLength('cache', 'list'))).toBe('Miss')
  })

  test('to nothing is an argument that is wrong', async () => {
    const raw = new RawClient(momento().server, 'cache')
    const request = new cache.cache_client._UpdateTtlRequest({ cache_key: Buffer.from('timed') })
    expect(await raw.statusOf(definition.UpdateTtl, request)).toBe('INVALID_ARGUMENT')
    raw.close()
  })
})

describe('the longest time to live is 24 hours', () => {
  const [day, tooLong] = [86_400, 86_401]

  test('for values and for collections', async () => {
    const { client } = momento()
    expect(outcome(await client.set('cache', 'day', 'v', { ttl: day }))).toBe('Success')
    expect(await remainingMs('day')).toBe(day * 1000)
    const refused = [
      await client.set('cache', 'day', 'v', { ttl: tooLong }),
      await client.setIfPresent('cache', 'day', 'v', { ttl: tooLong }),
      await client.setWithHash('cache', 'day', 'v', { ttl: tooLong }),
      await client.increment('cache', 'number', 1, { ttl: tooLong }),
      await client.increaseTtl('cache', 'day', tooLong * 1000),
    ]
    for (const response of refused) expect(outcome(response)).toBe('INVALID_ARGUMENT_ERROR')
    expect(refused[0]?.toString()).toContain('at most 86400000 ms, not 86401000')
    expect(await remainingMs('day')).toBe(day * 1000)
    expect(outcome(await client.get('cache', 'number'))).toBe('Miss')
  })
})

describe('what is there', () => {
  test('is told of one key and of several, in their order', async () => {
    const { client } = momento()
    await client.set('cache', 'a', 'v')
    await client.setAddElement('cache', 'b', 'v')
    const one = await client.keyExists('cache', 'a')
    const none = await client.keyExists('cache', 'none')
    expect([one, none].map((answer) => answer instanceof CacheKeyExists.Success && answer.exists())).toEqual([
      true,
      false,
    ])
    const several = await client.keysExist('cache', ['none', 'b', 'a'])
    if (!(several instanceof CacheKeysExist.Success)) throw new Error(several.toString())
    expect(several.exists()).toEqual([false, true, true])
    expect(outcome(await client.keysExist('none', ['a']))).toBe('NOT_FOUND_ERROR')
  })

  test('has a type, which a write of another kind of item may change', async () => {
    const { client, clock } = momento()
    const typeOf = async (): Promise<unknown> => {
      const response = await client.itemGetType('cache', 'typed')
      return response instanceof CacheItemGetType.Hit ? response.itemType() : outcome(response)
    }
    expect(await typeOf()).toBe('Miss')
    const makers: [ItemType, () => Promise<unknown>][] = [
      [ItemType.SCALAR, () => client.set('cache', 'typed', 'v')],
      [ItemType.DICTIONARY, () => client.dictionarySetField('cache', 'typed', 'f', 'v')],
      [ItemType.SET, () => client.setAddElement('cache', 'typed', 'v')],
      [ItemType.LIST, () => client.listPushBack('cache', 'typed', 'v')],
      [ItemType.SORTED_SET, () => client.sortedSetPutElement('cache', 'typed', 'v', 1)],
    ]
    for (const [type, make] of makers) {
      await client.delete('cache', 'typed')
      await make()
      expect(await typeOf()).toBe(type)
    }
    await client.set('cache', 'typed', 'v', { ttl: 1 })
    expect(await typeOf()).toBe(ItemType.SCALAR)
    clock.nowMs += 1000
    expect(await typeOf()).toBe('Miss')
    expect(outcome(await client.itemGetType('none', 'typed'))).toBe('NOT_FOUND_ERROR')
  })
})
