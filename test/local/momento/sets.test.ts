import { cache } from '@gomomento/generated-types'
import { CacheSetContainsElements, CacheSetFetch, CacheSetSample, CollectionTtl } from '@gomomento/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { lengthOf, outcome } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'

const { _SetDifferenceRequest } = cache.cache_client
const momento = useMomento()
let raw: RawClient
beforeAll(() => {
  raw = new RawClient(momento().server, 'cache')
})
afterAll(() => raw.close())

async function fetched(name: string): Promise<unknown> {
  const response = await momento().client.setFetch('cache', name)
  return response instanceof CacheSetFetch.Hit ? response.valueArray().toSorted() : outcome(response)
}

test('elements are there once each, however often they are added', async () => {
  const { client } = momento()
  expect(outcome(await client.setAddElement('cache', 's', 'a'))).toBe('Success')
  expect(outcome(await client.setAddElements('cache', 's', ['b', 'a', 'b', '']))).toBe('Success')
  expect(await fetched('s')).toEqual(['', 'a', 'b'])
  expect(lengthOf(await client.setLength('cache', 's'))).toBe(3)
})

test('bytes that are no text survive', async () => {
  const { client } = momento()
  await client.setAddElements('cache', 'bytes', [Uint8Array.of(0xff), Uint8Array.of(0xc3, 0)])
  const response = await client.setFetch('cache', 'bytes')
  if (!(response instanceof CacheSetFetch.Hit)) throw new Error(response.toString())
  expect(response.valueArrayUint8Array()).toEqual([Uint8Array.of(0xff), Uint8Array.of(0xc3, 0)])
})

test('what is contained is told of one element and of several', async () => {
  const { client } = momento()
  await client.setAddElements('cache', 'contains', ['a', 'b'])
  const one = await client.setContainsElement('cache', 'contains', 'a')
  const other = await client.setContainsElement('cache', 'contains', 'c')
  expect([one, other].map((response) => 'containsElement' in response && response.containsElement())).toEqual(
    [true, false],
  )
  const several = await client.setContainsElements('cache', 'contains', ['c', 'b'])
  if (!(several instanceof CacheSetContainsElements.Hit)) throw new Error(several.toString())
  expect(several.containsElements()).toEqual({ b: true, c: false })
})

test('a set that is not there is a miss to every read and to pop, and nothing to removals', async () => {
  const { client } = momento()
  const misses = [
    await client.setFetch('cache', 'none'),
    await client.setContainsElement('cache', 'none', 'a'),
    await client.setContainsElements('cache', 'none', ['a']),
    await client.setLength('cache', 'none'),
    await client.setSample('cache', 'none', 1),
    await client.setPop('cache', 'none', 1),
  ]
  for (const response of misses) expect(outcome(response)).toBe('Miss')
  expect(outcome(await client.setRemoveElement('cache', 'none', 'a'))).toBe('Success')
  expect(outcome(await client.setRemoveElements('cache', 'none', ['a']))).toBe('Success')
})

describe('removing', () => {
  test('elements leaves the others; the last one takes the set with it', async () => {
    const { client } = momento()
    await client.setAddElements('cache', 'removed', ['a', 'b', 'c', 'd'])
    await client.setRemoveElements('cache', 'removed', ['a', 'none', 'c'])
    await client.setRemoveElement('cache', 'removed', 'd')
    expect(await fetched('removed')).toEqual(['b'])
    await client.setRemoveElement('cache', 'removed', 'b')
    expect(await fetched('removed')).toBe('Miss')
  })

  test('the set from itself, or from other elements, are forms of the call that the SDK does not send', async () => {
    const { client } = momento()
    const { _Minuend, _Subtrahend } = _SetDifferenceRequest
    const set_name = Buffer.from('difference')
    const elements = ['b', 'c', 'c'].map((element) => Buffer.from(element))
    const fromElements = new _SetDifferenceRequest({ set_name, minuend: new _Minuend({ elements }) })
    const identity = new _Subtrahend({ identity: new _Subtrahend._Identity() })
    const fromItself = new _SetDifferenceRequest({ set_name, subtrahend: identity })

    await client.setAddElements('cache', 'difference', ['a', 'b'])
    expect(await raw.ask(definition.SetDifference, fromElements)).toMatchObject({ has_found: true })
    expect(await fetched('difference')).toEqual(['c'])
    expect(await raw.ask(definition.SetDifference, fromItself)).toMatchObject({ has_found: true })
    expect(await fetched('difference')).toBe('Miss')
    expect(await raw.ask(definition.SetDifference, fromElements)).toMatchObject({ has_missing: true })
    expect(await fetched('difference')).toBe('Miss')
  })

  test.each([
    ['nothing', new _SetDifferenceRequest({ set_name: Buffer.from('s') })],
    [
      'no elements',
      new _SetDifferenceRequest({
        set_name: Buffer.from('s'),
        subtrahend: new _SetDifferenceRequest._Subtrahend(),
      }),
    ],
  ])('what the request says %s of is an argument that is wrong', async (_, request) => {
    expect(await raw.statusOf(definition.SetDifference, request)).toBe('INVALID_ARGUMENT')
  })
})

describe('drawing', () => {
  const all = ['a', 'b', 'c', 'd', 'e']

  test.each([
    [0, 0],
    [3, 3],
    [5, 5],
    [9, 5],
  ])('a sample of %d gives %d distinct elements, and takes none', async (limit, size) => {
    const { client } = momento()
    await client.setAddElements('cache', 'sampled', all)
    const response = await client.setSample('cache', 'sampled', limit)
    if (!(response instanceof CacheSetSample.Hit)) throw new Error(response.toString())
    expect(all).toEqual(expect.arrayContaining(response.valueArray()))
    expect(response.valueSet().size).toBe(size)
    expect(await fetched('sampled')).toEqual(all)
  })

  test.each([1, 3, 5, 9])('%d popped elements are gone, the set too with the last', async (count) => {
    const { client } = momento()
    await client.setAddElements('cache', 'popped', all)
    const response = await client.setPop('cache', 'popped', count)
    const popped = 'value' in response ? response.value() : undefined
    if (popped === undefined) throw new Error(response.toString())
    const left = all.filter((element) => !popped.includes(element))
    expect(left).toHaveLength(Math.max(0, all.length - count))
    expect(await fetched('popped')).toEqual(left.length === 0 ? 'Miss' : left)
    await client.delete('cache', 'popped')
  })

  test('no element is popped by a count of 0: it is an argument that is wrong', async () => {
    const request = new cache.cache_client._SetPopRequest({ set_name: Buffer.from('s') })
    expect(await raw.statusOf(definition.SetPop, request)).toBe('INVALID_ARGUMENT')
  })
})

test.each([
  [true, 'Hit'],
  [false, 'Miss'],
])(
  'with refreshTtl %s a later addition leaves it a %s when the first time is over',
  async (refreshes, after) => {
    const { client, clock } = momento()
    const ttl = { ttl: new CollectionTtl(10, refreshes) }
    await client.setAddElement('cache', 'timed', 'a', ttl)
    clock.nowMs += 9000
    await client.setAddElements('cache', 'timed', ['b'], ttl)
    await client.setRemoveElement('cache', 'timed', 'a')
    clock.nowMs += 1000
    expect(outcome(await client.setFetch('cache', 'timed'))).toBe(after)
    await client.delete('cache', 'timed')
  },
)

test('an element over the limit is refused with all that came with it', async () => {
  const { client } = momento()
  const response = await client.setAddElements('cache', 'large', ['a', 'x'.repeat(128 * 1024 + 1)])
  expect(outcome(response)).toBe('LIMIT_EXCEEDED_ERROR')
  expect(response.toString()).toContain('Element size limit exceeded')
  expect(await fetched('large')).toBe('Miss')
})

test('every call on a cache, or on an item, that is not for it is an error that says so', async () => {
  const { client } = momento()
  await client.set('cache', 'scalar', 'v')
  const errors = { none: 'NOT_FOUND_ERROR', cache: 'FAILED_PRECONDITION_ERROR' }
  for (const [name, error] of Object.entries(errors)) {
    const responses = [
      await client.setFetch(name, 'scalar'),
      await client.setAddElement(name, 'scalar', 'a'),
      await client.setAddElements(name, 'scalar', ['a']),
      await client.setRemoveElement(name, 'scalar', 'a'),
      await client.setRemoveElements(name, 'scalar', ['a']),
      await client.setContainsElement(name, 'scalar', 'a'),
      await client.setContainsElements(name, 'scalar', ['a']),
      await client.setLength(name, 'scalar'),
      await client.setSample(name, 'scalar', 1),
      await client.setPop(name, 'scalar', 1),
    ]
    for (const response of responses) expect(outcome(response)).toBe(error)
  }
})
