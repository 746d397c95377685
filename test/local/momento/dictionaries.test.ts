import { cache } from '@gomomento/generated-types'
import { CacheDictionaryFetch, CacheDictionaryGetFields, CollectionTtl } from '@gomomento/sdk'
import { describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { lengthOf, outcome } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'
import { requestsOn } from './requests.ts'

const momento = useMomento()

async function fetched(name: string): Promise<unknown> {
  const response = await momento().client.dictionaryFetch('cache', name)
  return response instanceof CacheDictionaryFetch.Hit ? response.value() : outcome(response)
}

test('fields come back one by one, several at a time and all together', async () => {
  const { client } = momento()
  expect(outcome(await client.dictionarySetField('cache', 'd', 'a', '1'))).toBe('Success')
  expect(outcome(await client.dictionarySetFields('cache', 'd', { b: '2', c: '' }))).toBe('Success')
  expect((await client.dictionaryGetField('cache', 'd', 'a')).value()).toBe('1')
  expect(outcome(await client.dictionaryGetField('cache', 'd', 'none'))).toBe('Miss')
  const several = await client.dictionaryGetFields('cache', 'd', ['c', 'none', 'b'])
  if (!(several instanceof CacheDictionaryGetFields.Hit)) throw new Error(several.toString())
  expect(several.responses.map((one) => one.value() ?? outcome(one))).toEqual(['', 'Miss', '2'])
  expect(several.value()).toEqual({ b: '2', c: '' })
  expect(await fetched('d')).toEqual({ a: '1', b: '2', c: '' })
  expect(lengthOf(await client.dictionaryLength('cache', 'd'))).toBe(3)
})

test('bytes that are no text survive as name, field and value', async () => {
  const { client, server } = momento()
  const [name, field, value] = [Uint8Array.of(0xfe), Uint8Array.of(0xff, 0), Uint8Array.of(0xc3)]
  await client.dictionarySetField('cache', 'b', field, value)
  const found = await client.dictionaryGetField('cache', 'b', field)
  expect('valueUint8Array' in found && found.valueUint8Array()).toEqual(value)
  const raw = new RawClient(server, 'cache')
  const dictionary_name = Buffer.from('b')
  const fetch = new cache.cache_client._DictionaryFetchRequest({ dictionary_name })
  const all = await raw.ask(definition.DictionaryFetch, fetch)
  expect(all?.found.items.map((pair) => [pair.field, pair.value])).toEqual([[field, value]])
  const other = new cache.cache_client._DictionaryFetchRequest({ dictionary_name: name })
  expect(await raw.ask(definition.DictionaryFetch, other)).toMatchObject({ has_missing: true })
  raw.close()
})

test('a dictionary that is not there is a miss to every read, and nothing to removals', async () => {
  const { client } = momento()
  expect(outcome(await client.dictionaryGetField('cache', 'none', 'a'))).toBe('Miss')
  expect(outcome(await client.dictionaryGetFields('cache', 'none', ['a']))).toBe('Miss')
  expect(outcome(await client.dictionaryFetch('cache', 'none'))).toBe('Miss')
  expect(outcome(await client.dictionaryLength('cache', 'none'))).toBe('Miss')
  expect(outcome(await client.dictionaryRemoveField('cache', 'none', 'a'))).toBe('Success')
  expect(outcome(await client.dictionaryRemoveFields('cache', 'none', ['a']))).toBe('Success')
})

describe('removing', () => {
  test('some fields leaves the others; the last one takes the dictionary with it', async () => {
    const { client } = momento()
    await client.dictionarySetFields('cache', 'removed', { a: '1', b: '2', c: '3' })
    await client.dictionaryRemoveFields('cache', 'removed', ['a', 'none', 'c'])
    expect(await fetched('removed')).toEqual({ b: '2' })
    await client.dictionaryRemoveField('cache', 'removed', 'b')
    expect(outcome(await client.dictionaryFetch('cache', 'removed'))).toBe('Miss')
    expect(outcome(await client.itemGetType('cache', 'removed'))).toBe('Miss')
  })

  test('all fields is a form of the call that the SDK does not send', async () => {
    const { client, server } = momento()
    await client.dictionarySetFields('cache', 'all', { a: '1', b: '2' })
    const raw = new RawClient(server, 'cache')
    const request = requestsOn('all').DictionaryDelete
    expect(await raw.statusOf(definition.DictionaryDelete, request as never)).toBe('OK')
    raw.close()
    expect(await fetched('all')).toBe('Miss')
  })
})

describe('increment', () => {
  test('counts a field from 0 in either direction, and leaves the others', async () => {
    const { client } = momento()
    await client.dictionarySetField('cache', 'counts', 'other', 'text')
    expect((await client.dictionaryIncrement('cache', 'counts', 'n', 5)).value()).toBe(5)
    expect((await client.dictionaryIncrement('cache', 'counts', 'n', -8)).value()).toBe(-3)
    expect((await client.dictionaryIncrement('cache', 'counts', 'n', 3)).value()).toBe(0)
    expect(await fetched('counts')).toEqual({ other: 'text', n: '0' })
  })

  test('of a text that is no integer, or to over 64 bits, fails and changes neither field nor time', async () => {
    const { client, clock } = momento()
    for (const text of ['1.5', 'ten', '', '9223372036854775807']) {
      await client.dictionarySetField('cache', 'text', 'n', text, { ttl: CollectionTtl.of(10) })
      const response = await client.dictionaryIncrement('cache', 'text', 'n', 1, {
        ttl: CollectionTtl.of(20),
      })
      expect(outcome(response)).toBe('FAILED_PRECONDITION_ERROR')
      expect(await fetched('text')).toEqual({ n: text })
    }
    clock.nowMs += 10_000
    expect(await fetched('text')).toBe('Miss')
  })

  test('that fails makes no dictionary', async () => {
    const { client } = momento()
    const response = await client.dictionaryIncrement('cache', 'unmade', 'n', 1, {
      ttl: CollectionTtl.of(90_000),
    })
    expect(outcome(response)).toBe('INVALID_ARGUMENT_ERROR')
    expect(await fetched('unmade')).toBe('Miss')
  })
})

test.each([
  [true, 'Hit'],
  [false, 'Miss'],
])(
  'with refreshTtl %s a later write leaves it a %s when the first time is over',
  async (refreshes, after) => {
    const { client, clock } = momento()
    const ttl = (seconds: number): object => ({ ttl: new CollectionTtl(seconds, refreshes) })
    await client.dictionarySetField('cache', 'timed', 'a', '1', ttl(10))
    clock.nowMs += 9000
    await client.dictionarySetFields('cache', 'timed', { b: '2' }, ttl(10))
    await client.dictionaryIncrement('cache', 'timed', 'n', 1, ttl(10))
    clock.nowMs += 1000
    expect(outcome(await client.dictionaryLength('cache', 'timed'))).toBe(after)
    await client.delete('cache', 'timed')
  },
)

test('a value or field over the element limit is refused whole; one of 128 KiB is not', async () => {
  const { client } = momento()
  const [fits, tooLarge] = ['x'.repeat(128 * 1024), 'x'.repeat(128 * 1024 + 1)]
  expect(outcome(await client.dictionarySetField('cache', 'large', fits, fits))).toBe('Success')
  const refused = [
    await client.dictionarySetFields('cache', 'large', { b: '2', c: tooLarge }),
    await client.dictionarySetField('cache', 'large', tooLarge, 'v'),
    await client.dictionaryIncrement('cache', 'large', tooLarge, 1),
  ]
  for (const response of refused) {
    expect(outcome(response)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(response.toString()).toContain('Element size limit exceeded')
  }
  expect(lengthOf(await client.dictionaryLength('cache', 'large'))).toBe(1)
})

test('a dictionary over the item limit is refused, and stays as it was', async () => {
  const { client } = momento()
  const value = 'x'.repeat(120_000)
  for (let field = 0; field < 40; field++) await client.dictionarySetField('cache', 'full', `${field}`, value)
  const more = { a: value, b: value, c: value, d: value }
  const refused = await client.dictionarySetFields('cache', 'full', more)
  expect(outcome(refused)).toBe('LIMIT_EXCEEDED_ERROR')
  expect(refused.toString()).toContain('Item size limit exceeded')
  expect(lengthOf(await client.dictionaryLength('cache', 'full'))).toBe(40)
})

test('every call on a cache, or on an item, that is not for it is an error that says so', async () => {
  const { client } = momento()
  await client.set('cache', 'scalar', 'v')
  const errors = { none: 'NOT_FOUND_ERROR', cache: 'FAILED_PRECONDITION_ERROR' }
  for (const [name, error] of Object.entries(errors)) {
    const responses = [
      await client.dictionaryGetField(name, 'scalar', 'a'),
      await client.dictionaryGetFields(name, 'scalar', ['a']),
      await client.dictionaryFetch(name, 'scalar'),
      await client.dictionarySetField(name, 'scalar', 'a', '1'),
      await client.dictionarySetFields(name, 'scalar', { a: '1' }),
      await client.dictionaryIncrement(name, 'scalar', 'a', 1),
      await client.dictionaryRemoveField(name, 'scalar', 'a'),
      await client.dictionaryRemoveFields(name, 'scalar', ['a']),
      await client.dictionaryLength(name, 'scalar'),
    ]
    for (const response of responses) expect(outcome(response)).toBe(error)
  }
})
