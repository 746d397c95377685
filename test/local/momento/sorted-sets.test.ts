import { cache } from '@gomomento/generated-types'
import {
  CacheSortedSetFetch,
  CacheSortedSetGetScores,
  CollectionTtl,
  SortedSetAggregate,
  SortedSetOrder,
} from '@gomomento/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { lengthOf, outcome } from './quiet-client.ts'
import { definition, RawClient } from './raw-client.ts'

const scs = cache.cache_client
const { Descending } = SortedSetOrder
const momento = useMomento()
let raw: RawClient
beforeAll(() => {
  raw = new RawClient(momento().server, 'cache')
})
afterAll(() => raw.close())

type Pairs = [value: string, score: number][]

function pairsOf(response: CacheSortedSetFetch.Response): Pairs | string {
  if (!(response instanceof CacheSortedSetFetch.Hit)) return outcome(response)
  return response.valueArray().map(({ value, score }) => [value, score])
}
const fetched = async (name: string): Promise<Pairs | string> =>
  pairsOf(await momento().client.sortedSetFetchByRank('cache', name))

/** A sorted set of these elements and no others. */
async function filled(name: string, elements: Record<string, number>): Promise<string> {
  await momento().client.delete('cache', name)
  await momento().client.sortedSetPutElements('cache', name, elements)
  return name
}

test('elements come in the order of their scores, equal scores in that of the bytes of their values', async () => {
  const { client } = momento()
  expect(outcome(await client.sortedSetPutElement('cache', 's', 'b', 2))).toBe('Success')
  expect(outcome(await client.sortedSetPutElements('cache', 's', { c: 1, é: 2, a: 2, z: 2, d: -0.5 }))).toBe(
    'Success',
  )
  expect(await fetched('s')).toEqual([
    ['d', -0.5],
    ['c', 1],
    ['a', 2],
    ['b', 2],
    ['z', 2],
    ['é', 2],
  ])
  expect(lengthOf(await client.sortedSetLength('cache', 's'))).toBe(6)
  await client.sortedSetPutElement('cache', 's', 'a', 0)
  expect(lengthOf(await client.sortedSetLength('cache', 's'))).toBe(6)
  const scores = await client.sortedSetGetScores('cache', 's', ['a', 'none', 'd'])
  if (!(scores instanceof CacheSortedSetGetScores.Hit)) throw new Error(scores.toString())
  expect(scores.responses().map(outcome)).toEqual(['Hit', 'Miss', 'Hit'])
  expect(scores.valueMap()).toEqual(new Map(Object.entries({ a: 0, d: -0.5 })))
  expect((await client.sortedSetGetScore('cache', 's', 'd')).score()).toBe(-0.5)
})

describe('by rank', () => {
  const elements = { a: 1, b: 2, c: 2, d: 3 }

  test.each([
    [{}, 'abcd'],
    [{ startRank: 1 }, 'bcd'],
    [{ startRank: 1, endRank: 3 }, 'bc'],
    [{ startRank: -3, endRank: -1 }, 'bc'],
    [{ startRank: -9, endRank: 9 }, 'abcd'],
    [{ startRank: 0, endRank: 0 }, 'abcd'],
    [{ startRank: 4 }, ''],
    [{ startRank: 3, endRank: -2 }, ''],
    [{ order: Descending }, 'dcba'],
    [{ order: Descending, startRank: 1, endRank: 3 }, 'cb'],
    [{ order: Descending, startRank: -1 }, 'a'],
    [{ order: Descending, startRank: 2, endRank: 9 }, 'ba'],
  ])('%j of a, b, c, d is %j', async (range, found) => {
    const name = await filled('ranks', elements)
    const response = await momento().client.sortedSetFetchByRank('cache', name, range)
    if (!(response instanceof CacheSortedSetFetch.Hit)) throw new Error(response.toString())
    expect(
      response
        .valueArray()
        .map(({ value }) => value)
        .join(''),
    ).toBe(found)
  })

  test('an end of 0 that is sent, as the SDK never does, ends before the first', async () => {
    const set_name = Buffer.from(await filled('ranks', elements))
    const by_index = new scs._SortedSetFetchRequest._ByIndex({ exclusive_end_index: 0 })
    const request = new scs._SortedSetFetchRequest({ set_name, with_scores: true, by_index })
    const response = await raw.ask(definition.SortedSetFetch, request)
    expect(response?.found.values_with_scores.elements).toEqual([])
  })

  test('the rank of a value counts from 0 in either order', async () => {
    const { client } = momento()
    const name = await filled('ranks', elements)
    const rank = async (value: string, order?: SortedSetOrder): Promise<unknown> => {
      const response = await client.sortedSetGetRank('cache', name, value, order && { order })
      return ('rank' in response ? response.rank() : undefined) ?? outcome(response)
    }
    expect(await Promise.all([rank('a'), rank('c'), rank('none')])).toEqual([0, 2, 'Miss'])
    expect(await Promise.all([rank('a', Descending), rank('c', Descending)])).toEqual([3, 1])
  })
})

describe('by score', () => {
  const elements = { a: 1, b: 2, c: 2, d: 3 }

  test.each([
    [{}, 'abcd'],
    [{ minScore: 2 }, 'bcd'],
    [{ maxScore: 2 }, 'abc'],
    [{ minScore: 1.5, maxScore: 2.5 }, 'bc'],
    [{ minScore: 2, maxScore: 2 }, 'bc'],
    [{ minScore: 4 }, ''],
    [{ offset: 1, count: 2 }, 'bc'],
    [{ offset: 3 }, 'd'],
    [{ offset: 9 }, ''],
    [{ order: Descending, maxScore: 2 }, 'cba'],
    [{ order: Descending, minScore: 2, offset: 1, count: 1 }, 'c'],
    [{ order: Descending, maxScore: 2, offset: 1 }, 'ba'],
    [{ order: Descending, offset: 9 }, ''],
  ])('%j of a: 1, b: 2, c: 2, d: 3 is %j', async (range, found) => {
    const name = await filled('scores', elements)
    const response = await momento().client.sortedSetFetchByScore('cache', name, range)
    if (!(response instanceof CacheSortedSetFetch.Hit)) throw new Error(response.toString())
    expect(
      response
        .valueArray()
        .map(({ value }) => value)
        .join(''),
    ).toBe(found)
  })

  test('exclusive bounds, a count of 0 and values without scores are forms that the SDK does not send', async () => {
    const set_name = Buffer.from(await filled('scores', elements))
    const { _ByScore } = scs._SortedSetFetchRequest
    const bound = (score: number): InstanceType<typeof _ByScore._Score> =>
      new _ByScore._Score({ score, exclusive: true })
    const ask = async (by_score: InstanceType<typeof _ByScore>): Promise<string | undefined> => {
      const response = await raw.ask(
        definition.SortedSetFetch,
        new scs._SortedSetFetchRequest({ set_name, by_score }),
      )
      return response?.found.values.values.map((value) => Buffer.from(value).toString()).join('')
    }
    expect(await ask(new _ByScore({ min_score: bound(1), max_score: bound(3), count: -1 }))).toBe('bc')
    expect(await ask(new _ByScore({ min_score: bound(2), count: -1 }))).toBe('d')
    expect(await ask(new _ByScore({ max_score: bound(2), count: -1 }))).toBe('a')
    expect(await ask(new _ByScore({ count: 0 }))).toBe('')
    const withoutRange = new scs._SortedSetFetchRequest({ set_name })
    expect(await raw.statusOf(definition.SortedSetFetch, withoutRange)).toBe('INVALID_ARGUMENT')
  })

  test('the elements between two scores are counted; none at all is a miss', async () => {
    const { client } = momento()
    const name = await filled('scores', elements)
    const count = async (range: { minScore?: number; maxScore?: number }): Promise<unknown> => {
      const response = await client.sortedSetLengthByScore('cache', name, range)
      return lengthOf(response) ?? outcome(response)
    }
    expect(await count({})).toBe(4)
    expect(await count({ minScore: 2 })).toBe(3)
    expect(await count({ minScore: 2, maxScore: 2 })).toBe(2)
    expect(await count({ maxScore: 1 })).toBe(1)
    expect(await count({ minScore: 4 })).toBe('Miss')
    const request = new scs._SortedSetLengthByScoreRequest({
      set_name: Buffer.from(name),
      exclusive_min: 1,
      exclusive_max: 3,
    })
    expect(await raw.ask(definition.SortedSetLengthByScore, request)).toMatchObject({ found: { length: 2 } })
    const empty = new scs._SortedSetLengthByScoreRequest({ set_name: Buffer.from(name), inclusive_min: 4 })
    expect(await raw.ask(definition.SortedSetLengthByScore, empty)).toMatchObject({ found: { length: 0 } })
  })
})

test('a score counts from 0 in either direction, and moves its value', async () => {
  const { client } = momento()
  const name = await filled('counts', { other: 1 })
  expect((await client.sortedSetIncrementScore('cache', name, 'n', 2.5)).score()).toBe(2.5)
  expect((await client.sortedSetIncrementScore('cache', name, 'n', -2.5)).score()).toBe(0)
  expect((await client.sortedSetIncrementScore('cache', name, 'n')).score()).toBe(1)
  expect(await fetched(name)).toEqual([
    ['n', 1],
    ['other', 1],
  ])
})

test('a score that is no number is refused with all that came with it', async () => {
  const { client } = momento()
  const name = await filled('numbers', { a: 1, b: Infinity })
  expect(outcome(await client.sortedSetPutElements('cache', name, { c: 1, d: NaN }))).toBe(
    'INVALID_ARGUMENT_ERROR',
  )
  expect(outcome(await client.sortedSetIncrementScore('cache', name, 'b', -Infinity))).toBe(
    'INVALID_ARGUMENT_ERROR',
  )
  expect(await fetched(name)).toEqual([
    ['a', 1],
    ['b', Infinity],
  ])
})

test('removing elements leaves the others; the last one takes the sorted set with it', async () => {
  const { client } = momento()
  const name = await filled('removed', { a: 1, b: 2, c: 3, d: 4 })
  await client.sortedSetRemoveElements('cache', name, ['a', 'none', 'c'])
  await client.sortedSetRemoveElement('cache', name, 'd')
  expect(await fetched(name)).toEqual([['b', 2]])
  await client.sortedSetRemoveElement('cache', name, 'b')
  expect(await fetched(name)).toBe('Miss')
  const set_name = Buffer.from(await filled('removed', { a: 1, b: 2 }))
  const { _All } = scs._SortedSetRemoveRequest
  expect(await raw.statusOf(definition.SortedSetRemove, new scs._SortedSetRemoveRequest({ set_name }))).toBe(
    'INVALID_ARGUMENT',
  )
  expect(lengthOf(await client.sortedSetLength('cache', name))).toBe(2)
  await raw.ask(definition.SortedSetRemove, new scs._SortedSetRemoveRequest({ set_name, all: new _All() }))
  expect(await fetched(name)).toBe('Miss')
})

describe('a union', () => {
  const { SUM, MIN, MAX } = SortedSetAggregate

  test.each([
    ['sum', SUM, { a: 10, b: 2, c: -6 }],
    ['min', MIN, { a: 0, b: 2, c: -6 }],
    ['max', MAX, { a: 10, b: 2, c: 0 }],
  ])('of weighted scores aggregates them by %s', async (_, aggregate, expected) => {
    const { client } = momento()
    await filled('one', { a: 5, b: 1 })
    await filled('two', { a: 7, c: 3 })
    await filled('three', { a: 0, c: 2 })
    const sources = [
      { sortedSetName: 'one', weight: 2 },
      { sortedSetName: 'none', weight: 1 },
      { sortedSetName: 'two', weight: 0 },
      { sortedSetName: 'three', weight: -3 },
    ]
    const response = await client.sortedSetUnionStore('cache', 'union', sources, { aggregate })
    expect(lengthOf(response)).toBe(3)
    const scores = await client.sortedSetFetchByRank('cache', 'union')
    expect(Object.fromEntries(pairsOf(scores) as Pairs)).toEqual(expected)
  })

  test('replaces its destination, of whatever kind, and the time to live, and may be a source of itself', async () => {
    const { client, clock } = momento()
    await client.listPushBack('cache', 'into', 'v', { ttl: CollectionTtl.of(10) })
    await filled('from', { a: 1 })
    const store = (name: string): Promise<unknown> =>
      client.sortedSetUnionStore('cache', 'into', [{ sortedSetName: name, weight: 2 }], {
        ttl: new CollectionTtl(20, false),
      })
    await store('from')
    expect(await fetched('into')).toEqual([['a', 2]])
    clock.nowMs += 15_000
    await store('into')
    clock.nowMs += 19_999
    expect(await fetched('into')).toEqual([['a', 4]])
    clock.nowMs += 1
    expect(await fetched('into')).toBe('Miss')
  })

  test('of nothing that is there is nothing, and removes its destination; of no source it is wrong', async () => {
    const { client } = momento()
    await filled('into', { a: 1 })
    expect(outcome(await client.sortedSetUnionStore('cache', 'into', []))).toBe('INVALID_ARGUMENT_ERROR')
    expect(await fetched('into')).toEqual([['a', 1]])
    const response = await client.sortedSetUnionStore('cache', 'into', [{ sortedSetName: 'none', weight: 1 }])
    expect(lengthOf(response)).toBe(0)
    expect(await fetched('into')).toBe('Miss')
  })
})

test('a sorted set that is not there is a miss to every read, and nothing to removals', async () => {
  const { client } = momento()
  const misses = [
    await client.sortedSetFetchByRank('cache', 'none'),
    await client.sortedSetFetchByScore('cache', 'none'),
    await client.sortedSetGetRank('cache', 'none', 'a'),
    await client.sortedSetGetScore('cache', 'none', 'a'),
    await client.sortedSetGetScores('cache', 'none', ['a']),
    await client.sortedSetLength('cache', 'none'),
    await client.sortedSetLengthByScore('cache', 'none'),
  ]
  for (const response of misses) expect(outcome(response)).toBe('Miss')
  expect(outcome(await client.sortedSetRemoveElement('cache', 'none', 'a'))).toBe('Success')
  expect(outcome(await client.sortedSetRemoveElements('cache', 'none', ['a']))).toBe('Success')
})

test.each([
  [true, 'Hit'],
  [false, 'Miss'],
])('with refreshTtl %s later writes leave it a %s when the first time is over', async (refreshes, after) => {
  const { client, clock } = momento()
  const ttl = { ttl: new CollectionTtl(10, refreshes) }
  for (const write of [
    () => client.sortedSetPutElement('cache', 'timed', 'b', 2, ttl),
    () => client.sortedSetPutElements('cache', 'timed', { b: 2 }, ttl),
    () => client.sortedSetIncrementScore('cache', 'timed', 'b', 2, ttl),
  ]) {
    await client.delete('cache', 'timed')
    await client.sortedSetPutElement('cache', 'timed', 'a', 1, ttl)
    clock.nowMs += 9000
    await write()
    clock.nowMs += 1000
    expect(outcome(await client.sortedSetFetchByRank('cache', 'timed'))).toBe(after)
  }
})

test('a value over the element limit is refused with all that came with it', async () => {
  const { client } = momento()
  const tooLarge = 'x'.repeat(128 * 1024 + 1)
  const refused = [
    await client.sortedSetPutElements('cache', 'large', { a: 1, [tooLarge]: 2 }),
    await client.sortedSetIncrementScore('cache', 'large', tooLarge),
  ]
  for (const response of refused) {
    expect(outcome(response)).toBe('LIMIT_EXCEEDED_ERROR')
    expect(response.toString()).toContain('Element size limit exceeded')
  }
  expect(await fetched('large')).toBe('Miss')
})

test('every call on a cache, or on an item, that is not for it is an error that says so', async () => {
  const { client } = momento()
  await client.set('cache', 'scalar', 'v')
  const errors = { none: 'NOT_FOUND_ERROR', cache: 'FAILED_PRECONDITION_ERROR' }
  for (const [name, error] of Object.entries(errors)) {
    const responses = [
      await client.sortedSetFetchByRank(name, 'scalar'),
      await client.sortedSetFetchByScore(name, 'scalar'),
      await client.sortedSetGetRank(name, 'scalar', 'a'),
      await client.sortedSetGetScore(name, 'scalar', 'a'),
      await client.sortedSetGetScores(name, 'scalar', ['a']),
      await client.sortedSetPutElement(name, 'scalar', 'a', 1),
      await client.sortedSetPutElements(name, 'scalar', { a: 1 }),
      await client.sortedSetIncrementScore(name, 'scalar', 'a'),
      await client.sortedSetRemoveElement(name, 'scalar', 'a'),
      await client.sortedSetRemoveElements(name, 'scalar', ['a']),
      await client.sortedSetLength(name, 'scalar'),
      await client.sortedSetLengthByScore(name, 'scalar'),
      await client.sortedSetUnionStore(name, 'into', [{ sortedSetName: 'scalar', weight: 1 }]),
    ]
    for (const response of responses) expect(outcome(response)).toBe(error)
  }
})
