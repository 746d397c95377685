import { cache } from '@gomomento/generated-types'
import { CacheListFetch, CollectionTtl } from '@gomomento/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { lengthOf, outcome } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'

const { _ListEraseRequest, _ListRange, _ListRemoveRequest } = cache.cache_client
const momento = useMomento()
let raw: RawClient
beforeAll(() => {
  raw = new RawClient(momento().server, 'cache')
})
afterAll(() => raw.close())

async function fetched(name: string, range?: { startIndex?: number; endIndex?: number }): Promise<unknown> {
  const response = await momento().client.listFetch('cache', name, range)
  return response instanceof CacheListFetch.Hit ? response.valueList() : outcome(response)
}

/** A list of these values and no others. */
async function filled(name: string, values: string[]): Promise<string> {
  await momento().client.delete('cache', name)
  await momento().client.listConcatenateBack('cache', name, values)
  return name
}

test('values are pushed and concatenated at either end in their order, and each call tells the length', async () => {
  const { client } = momento()
  const responses = [
    await client.listPushBack('cache', 'l', 'd'),
    await client.listPushFront('cache', 'l', 'c'),
    await client.listConcatenateBack('cache', 'l', ['e', 'd']),
    await client.listConcatenateFront('cache', 'l', ['a', 'b']),
  ]
  expect(responses.map((response) => 'listLength' in response && response.listLength())).toEqual([1, 2, 4, 6])
  expect(await fetched('l')).toEqual(['a', 'b', 'c', 'd', 'e', 'd'])
  expect(lengthOf(await client.listLength('cache', 'l'))).toBe(6)
})

test('values are popped from either end, and the last one takes the list with it', async () => {
  const { client } = momento()
  const name = await filled('popped', ['a', 'b', 'c'])
  expect((await client.listPopFront('cache', name)).value()).toBe('a')
  expect((await client.listPopBack('cache', name)).value()).toBe('c')
  expect((await client.listPopBack('cache', name)).value()).toBe('b')
  expect(outcome(await client.listPopFront('cache', name))).toBe('Miss')
  expect(outcome(await client.itemGetType('cache', name))).toBe('Miss')
})

describe('truncating', () => {
  test('after something at the back takes the front, after something at the front the back', async () => {
    const { client } = momento()
    await filled('back', ['a', 'b'])
    await client.listPushBack('cache', 'back', 'c', { truncateFrontToSize: 2 })
    expect(await fetched('back')).toEqual(['b', 'c'])
    await client.listConcatenateBack('cache', 'back', ['d', 'e', 'f'], { truncateFrontToSize: 2 })
    expect(await fetched('back')).toEqual(['e', 'f'])
    await filled('front', ['a', 'b'])
    await client.listPushFront('cache', 'front', 'c', { truncateBackToSize: 2 })
    expect(await fetched('front')).toEqual(['c', 'a'])
    const response = await client.listConcatenateFront('cache', 'front', ['d', 'e', 'f'], {
      truncateBackToSize: 2,
    })
    expect('listLength' in response && response.listLength()).toBe(2)
    expect(await fetched('front')).toEqual(['d', 'e'])
  })

  test('to 0, or to more than there is, takes nothing', async () => {
    const { client } = momento()
    await filled('kept', ['a', 'b'])
    await client.listPushBack('cache', 'kept', 'c', { truncateFrontToSize: 0 })
    await client.listPushFront('cache', 'kept', 'z', { truncateBackToSize: 4 })
    expect(await fetched('kept')).toEqual(['z', 'a', 'b', 'c'])
  })
})

describe('a range', () => {
  test.each([
    [{ startIndex: 1 }, ['b', 'c', 'd']],
    [{ endIndex: 2 }, ['a', 'b']],
    [{ startIndex: 1, endIndex: 3 }, ['b', 'c']],
    [{ startIndex: -3, endIndex: -1 }, ['b', 'c']],
    [{ startIndex: -9, endIndex: 9 }, ['a', 'b', 'c', 'd']],
    [{ startIndex: 4 }, []],
    [{ startIndex: 3, endIndex: -3 }, []],
  ])('%j of a, b, c, d is %j to fetch, and what retain leaves', async (range, found) => {
    const { client } = momento()
    const name = await filled('range', ['a', 'b', 'c', 'd'])
    expect(await fetched(name, range)).toEqual(found)
    expect(outcome(await client.listRetain('cache', name, range))).toBe('Success')
    expect(await fetched(name)).toEqual(found.length === 0 ? 'Miss' : found)
  })
})

test('every value that is equal is removed, and an emptied list vanishes', async () => {
  const { client } = momento()
  const name = await filled('removed', ['a', 'b', 'a', 'aa'])
  expect(outcome(await client.listRemoveValue('cache', name, 'a'))).toBe('Success')
  expect(await fetched(name)).toEqual(['b', 'aa'])
  await client.listRemoveValue('cache', name, 'b')
  await client.listRemoveValue('cache', name, 'none')
  await client.listRemoveValue('cache', name, 'aa')
  expect(await fetched(name)).toBe('Miss')
})

const erase = (name: string, ...ranges: [number, number][]): Promise<unknown> => {
  const some = new _ListEraseRequest._ListRanges({
    ranges: ranges.map(([begin_index, count]) => new _ListRange({ begin_index, count })),
  })
  return raw.ask(definition.ListErase, new _ListEraseRequest({ list_name: Buffer.from(name), some }))
}

describe('erasing, which the SDK does not send', () => {
  test('ranges takes those of the list as it was, and tells what is left', async () => {
    const name = await filled('erased', ['a', 'b', 'c', 'd', 'e'])
    expect(await erase(name, [0, 1], [2, 2], [3, 1], [9, 1])).toMatchObject({ found: { list_length: 2 } })
    expect(await fetched(name)).toEqual(['b', 'e'])
    expect(await erase(name, [0, 9])).toMatchObject({ found: { list_length: 0 } })
    expect(await fetched(name)).toBe('Miss')
    expect(await erase(name, [0, 1])).toMatchObject({ has_missing: true })
  })

  test('all takes the list; neither is an argument that is wrong', async () => {
    const name = await filled('erased', ['a', 'b'])
    const list_name = Buffer.from(name)
    expect(await raw.statusOf(definition.ListErase, new _ListEraseRequest({ list_name }))).toBe(
      'INVALID_ARGUMENT',
    )
    expect(await raw.statusOf(definition.ListRemove, new _ListRemoveRequest({ list_name }))).toBe(
      'INVALID_ARGUMENT',
    )
    expect(await fetched(name)).toEqual(['a', 'b'])
    const all = new _ListEraseRequest({ list_name, all: new _ListEraseRequest._All() })
    expect(await raw.ask(definition.ListErase, all)).toMatchObject({ found: { list_length: 0 } })
    expect(await fetched(name)).toBe('Miss')
  })
})

test('a list that is not there is a miss to every read and to pop, and nothing to what takes away', async () => {
  const { client } = momento()
  const misses = [
    await client.listFetch('cache', 'none'),
    await client.listLength('cache', 'none'),
    await client.listPopFront('cache', 'none'),
    await client.listPopBack('cache', 'none'),
  ]
  for (const response of misses) expect(outcome(response)).toBe('Miss')
  expect(outcome(await client.listRemoveValue('cache', 'none', 'a'))).toBe('Success')
  expect(outcome(await client.listRetain('cache', 'none', { startIndex: 1 }))).toBe('Success')
  expect(await fetched('none')).toBe('Miss')
})

describe('time to live', () => {
  test.each([
    [true, 'Hit'],
    [false, 'Miss'],
  ])(
    'with refreshTtl %s later writes leave it a %s when the first time is over',
    async (refreshes, after) => {
      const { client, clock } = momento()
      const ttl = { ttl: new CollectionTtl(10, refreshes) }
      for (const write of [
        () => client.listPushBack('cache', 'timed', 'b', ttl),
        () => client.listPushFront('cache', 'timed', 'b', ttl),
        () => client.listConcatenateBack('cache', 'timed', ['b'], ttl),
        () => client.listConcatenateFront('cache', 'timed', ['b'], ttl),
        () => client.listRetain('cache', 'timed', { startIndex: 0, ...ttl }),
      ]) {
        await client.delete('cache', 'timed')
        await client.listPushBack('cache', 'timed', 'a', ttl)
        clock.nowMs += 9000
        await write()
        clock.nowMs += 1000
        expect(outcome(await client.listFetch('cache', 'timed'))).toBe(after)
      }
    },
  )
})

test('a value over the element limit is refused with all that came with it', async () => {
  const { client } = momento()
  const tooLarge = 'x'.repeat(128 * 1024 + 1)
  const refused = [
    await client.listPushBack('cache', 'large', tooLarge),
    await client.listPushFront('cache', 'large', tooLarge),
    await client.listConcatenateBack('cache', 'large', ['a', tooLarge]),
    await client.listConcatenateFront('cache', 'large', ['a', tooLarge]),
  ]
  for (const response of refused) {
    expect(outcome(response)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(response.toString()).toContain('Element size limit exceeded')
  }
  expect(await fetched('large')).toBe('Miss')
  expect(outcome(await client.listPushBack('cache', 'large', 'x'.repeat(128 * 1024)))).toBe('Success')
})

test('every call on a cache, or on an item, that is not for it is an error that says so', async () => {
  const { client } = momento()
  await client.set('cache', 'scalar', 'v')
  const errors = { none: 'NOT_FOUND_ERROR', cache: 'FAILED_PRECONDITION_ERROR' }
  for (const [name, error] of Object.entries(errors)) {
    const responses = [
      await client.listFetch(name, 'scalar'),
      await client.listLength(name, 'scalar'),
      await client.listPushBack(name, 'scalar', 'a'),
      await client.listPushFront(name, 'scalar', 'a'),
      await client.listConcatenateBack(name, 'scalar', ['a']),
      await client.listConcatenateFront(name, 'scalar', ['a']),
      await client.listPopBack(name, 'scalar'),
      await client.listPopFront(name, 'scalar'),
      await client.listRemoveValue(name, 'scalar', 'a'),
      await client.listRetain(name, 'scalar', { startIndex: 1 }),
    ]
    for (const response of responses) expect(outcome(response)).toBe(error)
  }
})
