import { cache } from '@gomomento/generated-types'
import { CacheGetWithHash, CacheSetIfPresentAndHashEqual } from '@gomomento/sdk'
import type { CacheClient } from '@gomomento/sdk'
import { describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome, quietClient } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'

const momento = useMomento()

async function hashOf(key: string): Promise<Uint8Array> {
  const response = await momento().client.getWithHash('cache', key)
  if (response instanceof CacheGetWithHash.Hit) return response.hashUint8Array()
  throw new Error(`no hash: ${response.toString()}`)
}

type Response = { readonly type: string; errorCode?(): string; hashUint8Array?(): Uint8Array }
type ConditionalWrite = (
  client: CacheClient,
  key: string,
  value: string,
  against: Uint8Array,
) => Promise<Response>

/** Per call: whether it stores when what it names is equal, is not equal, and when there is no item. */
const byHash: [name: string, write: ConditionalWrite, equal: boolean, notEqual: boolean, absent: boolean][] =
  [
    [
      'setIfPresentAndHashEqual',
      (c, ...args) => c.setIfPresentAndHashEqual('cache', ...args),
      true,
      false,
      false,
    ],
    [
      'setIfPresentAndHashNotEqual',
      (c, ...args) => c.setIfPresentAndHashNotEqual('cache', ...args),
      false,
      true,
      false,
    ],
    ['setIfAbsentOrHashEqual', (c, ...args) => c.setIfAbsentOrHashEqual('cache', ...args), true, false, true],
    [
      'setIfAbsentOrHashNotEqual',
      (c, ...args) => c.setIfAbsentOrHashNotEqual('cache', ...args),
      false,
      true,
      true,
    ],
    ['setWithHash', (c, key, value) => c.setWithHash('cache', key, value), true, true, true],
  ]
const byValue: typeof byHash = [
  ['setIfAbsent', (c, key, value) => c.setIfAbsent('cache', key, value), false, false, true],
  ['setIfPresent', (c, key, value) => c.setIfPresent('cache', key, value), true, true, false],
  ['setIfEqual', (c, ...args) => c.setIfEqual('cache', ...args), true, false, false],
  ['setIfNotEqual', (c, ...args) => c.setIfNotEqual('cache', ...args), false, true, true],
  [
    'setIfPresentAndNotEqual',
    (c, ...args) => c.setIfPresentAndNotEqual('cache', ...args),
    false,
    true,
    false,
  ],
  ['setIfAbsentOrEqual', (c, ...args) => c.setIfAbsentOrEqual('cache', ...args), true, false, true],
]

describe.each([...byHash, ...byValue])('%s', (name, write, storesEqual, storesNotEqual, storesAbsent) => {
  const isByHash = byHash.some(([other]) => other === name)

  test(`${storesEqual ? 'stores' : 'does not store'} over an equal item`, async () => {
    expect(await attempt('old', 'old')).toEqual(result(storesEqual, 'old'))
  })

  test(`${storesNotEqual ? 'stores' : 'does not store'} over an item that is not equal`, async () => {
    expect(await attempt('old', 'other')).toEqual(result(storesNotEqual, 'old'))
  })

  test(`${storesAbsent ? 'stores' : 'does not store'} when there is no item`, async () => {
    expect(await attempt(undefined, 'old')).toEqual(result(storesAbsent, undefined))
  })

  const result = (stored: boolean, before: string | undefined): object => ({
    outcome: stored ? 'Stored' : 'NotStored',
    value: stored ? 'new' : before,
    answersTheNewHash: stored && isByHash,
  })

  async function attempt(before: string | undefined, comparedTo: string): Promise<object> {
    const { client } = momento()
    await client.set('cache', 'compared', comparedTo)
    await client.set('cache', 'new', 'new')
    const against = isByHash ? await hashOf('compared') : Buffer.from(comparedTo)
    if (before === undefined) await client.delete('cache', name)
    else await client.set('cache', name, before)

    const response = await write(client, name, 'new', against)

    const value = (await client.get('cache', name)).value()
    const answered = response.hashUint8Array?.()
    const answersTheNewHash = answered !== undefined && Buffer.compare(answered, await hashOf('new')) === 0
    return { outcome: outcome(response), value, answersTheNewHash }
  }
})

test('the hash that a swap answers with serves the next swap, and the one before it no longer does', async () => {
  const { client } = momento()
  await client.set('cache', 'chain', 'first')
  const first = await hashOf('chain')
  const swapped = await client.setIfPresentAndHashEqual('cache', 'chain', 'second', first)
  if (!(swapped instanceof CacheSetIfPresentAndHashEqual.Stored)) throw new Error(swapped.toString())
  expect(outcome(await client.setIfPresentAndHashEqual('cache', 'chain', 'stale', first))).toBe('NotStored')
  const next = swapped.hashUint8Array()
  expect(outcome(await client.setIfPresentAndHashEqual('cache', 'chain', 'third', next))).toBe('Stored')
  expect((await client.get('cache', 'chain')).value()).toBe('third')
})

test('an older form of setIfAbsent, which the SDK no longer sends, stores and does not as that does', async () => {
  const { client, server } = momento()
  const raw = new RawClient(server, 'cache')
  const request = new cache.cache_client._SetIfNotExistsRequest({
    cache_key: Buffer.from('older'),
    cache_body: Buffer.from('value'),
    ttl_milliseconds: 1000,
  })
  expect(await raw.ask(definition.SetIfNotExists, request)).toMatchObject({ has_stored: true })
  expect((await client.get('cache', 'older')).value()).toBe('value')
  expect(await raw.ask(definition.SetIfNotExists, request)).toMatchObject({ has_not_stored: true })
  raw.close()
})

test('a write without a condition replaces an item of another kind; one with a condition is refused', async () => {
  const { client } = momento()
  await client.listPushBack('cache', 'kind', 'v')
  expect(outcome(await client.setIfPresent('cache', 'kind', 'v'))).toBe('FAILED_PRECONDITION_ERROR')
  expect(outcome(await client.setIfAbsentOrHashEqual('cache', 'kind', 'v', Buffer.from('hash')))).toBe(
    'FAILED_PRECONDITION_ERROR',
  )
  expect(outcome(await client.setWithHash('cache', 'kind', 'v'))).toBe('Stored')
  expect((await client.get('cache', 'kind')).value()).toBe('v')
})

test('a conditional write that has no condition is an argument that is wrong', async () => {
  const raw = new RawClient(momento().server, 'cache')
  const { _SetIfRequest, _SetIfHashRequest } = cache.cache_client
  const write = { cache_key: Buffer.from('k'), cache_body: Buffer.from('v'), ttl_milliseconds: 1000 }
  expect(await raw.statusOf(definition.SetIf, new _SetIfRequest(write))).toBe('INVALID_ARGUMENT')
  expect(await raw.statusOf(definition.SetIfHash, new _SetIfHashRequest(write))).toBe('INVALID_ARGUMENT')
  raw.close()
})

test('of several writers that swap from one hash at once exactly one wins each round', async () => {
  const { client, server } = momento()
  const writers = Array.from({ length: 5 }, () => quietClient(server))
  await client.set('cache', 'race', 'start')
  for (let round = 0; round < 20; round++) {
    const hash = await hashOf('race')
    const swaps = writers.flatMap((writer, index) =>
      [0, 1].map(async (attempt) => {
        const value = `round ${round}, writer ${index}, attempt ${attempt}`
        const response = await writer.setIfPresentAndHashEqual('cache', 'race', value, hash)
        return { value, outcome: outcome(response) }
      }),
    )
    const results = await Promise.all(swaps)
    const [winner, ...others] = results.filter((result) => result.outcome === 'Stored')
    expect(others).toEqual([])
    expect((await client.get('cache', 'race')).value()).toBe(winner?.value)
    expect(results.filter((result) => result.outcome === 'NotStored')).toHaveLength(9)
  }
  for (const writer of writers) writer.close()
})

test('the hash follows from the value alone: back at a value, its first hash fits again', async () => {
  const { client } = momento()
  await client.set('cache', 'back', 'a')
  const first = await hashOf('back')
  await client.set('cache', 'back', 'b')
  expect(await hashOf('back')).not.toEqual(first)
  await client.set('cache', 'back', 'a')
  expect(await hashOf('back')).toEqual(first)
})

test('an expired item is absent, and a stored swap takes the time to live of its call', async () => {
  const { client, clock } = momento()
  await client.set('cache', 'expiring', 'old', { ttl: 1 })
  const hash = await hashOf('expiring')
  clock.nowMs += 999
  expect(outcome(await client.setIfPresentAndHashEqual('cache', 'expiring', 'old', hash, { ttl: 1 }))).toBe(
    'Stored',
  )
  clock.nowMs += 999
  expect(outcome(await client.setIfAbsent('cache', 'expiring', 'new'))).toBe('NotStored')
  clock.nowMs += 1
  expect(outcome(await client.setIfPresentAndHashEqual('cache', 'expiring', 'new', hash))).toBe('NotStored')
  expect(outcome(await client.setIfAbsent('cache', 'expiring', 'new'))).toBe('Stored')
})

test('a conditional value over the item limit is refused as set refuses it', async () => {
  const { client } = momento()
  const tooLarge = 'y'.repeat(5_300_000)
  expect(outcome(await client.setIfAbsent('cache', 'large', tooLarge))).toBe('LIMIT_EXCEEDED_ERROR')
  expect(outcome(await client.setWithHash('cache', 'large', tooLarge))).toBe('LIMIT_EXCEEDED_ERROR')
  expect(outcome(await client.get('cache', 'large'))).toBe('Miss')
})
