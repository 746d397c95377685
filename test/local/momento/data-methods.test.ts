import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { dataMethods } from '../../../local/momento/data-methods.ts'
import { useMomento } from './fixture.ts'
import { definition, RawClient } from './raw-client.ts'
import type { Method } from './raw-client.ts'
import { requestsOn } from './requests.ts'
import type { MethodName } from './requests.ts'

const momento = useMomento()
const names = Object.keys(definition) as MethodName[]

/** What makes an item of each kind, and the methods that are for it. */
const kinds = {
  scalar: ['Set', ['Get', 'GetWithHash', 'SetIf', 'SetIfHash', 'SetIfNotExists', 'Increment']],
  dictionary: ['DictionarySet', names.filter((name) => name.startsWith('Dictionary'))],
  set: [
    'SetUnion',
    ['SetFetch', 'SetSample', 'SetUnion', 'SetDifference', 'SetContains', 'SetLength', 'SetPop'],
  ],
  list: ['ListPushBack', names.filter((name) => name.startsWith('List'))],
  sortedSet: ['SortedSetPut', names.filter((name) => name.startsWith('SortedSet'))],
} satisfies Record<string, [maker: MethodName, methods: MethodName[]]>
const allKinds = Object.keys(kinds) as (keyof typeof kinds)[]

const written = new Set<MethodName>([
  'Set',
  'SetBatch',
  'SetIf',
  'SetIfHash',
  'SetIfNotExists',
  'Delete',
  'Increment',
  'UpdateTtl',
  'DictionarySet',
  'DictionaryIncrement',
  'DictionaryDelete',
  'SetUnion',
  'SetDifference',
  'SetPop',
  'ListPushFront',
  'ListPushBack',
  'ListPopFront',
  'ListPopBack',
  'ListErase',
  'ListRemove',
  'ListConcatenateFront',
  'ListConcatenateBack',
  'ListRetain',
  'SortedSetPut',
  'SortedSetRemove',
  'SortedSetIncrement',
  'SortedSetUnionStore',
])

let clients: Record<'right' | 'unknownCache' | 'noCache', RawClient>
beforeAll(() => {
  const { server } = momento()
  clients = {
    right: new RawClient(server, 'cache'),
    unknownCache: new RawClient(server, 'none'),
    noCache: new RawClient(server, ''),
  }
})
afterAll(() => {
  for (const client of Object.values(clients)) client.close()
})

const methodOf = (name: MethodName): Method<unknown, unknown> => definition[name] as Method<unknown, unknown>

describe('the list', () => {
  test('is that of the service definition, each method once', () => {
    expect(names).toHaveLength(47)
    expect(dataMethods.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  })

  test('says which methods write', () => {
    const writing = dataMethods.filter(({ kind }) => kind === 'write').map(({ name }) => name)
    expect(writing.toSorted()).toEqual([...written].toSorted())
  })
})

describe.each(names)('%s', (name) => {
  const request = requestsOn('item')[name]
  beforeEach(() => clients.right.ask(definition.Delete, requestsOn('item').Delete as never))

  test('is an error in a cache that is not there, or in none, and else is none', async () => {
    expect(await clients.unknownCache.statusOf(methodOf(name), request)).toBe('NOT_FOUND')
    expect(await clients.noCache.statusOf(methodOf(name), request)).toBe('INVALID_ARGUMENT')
    expect(await clients.right.statusOf(methodOf(name), request)).toBe('OK')
  })

  test('is refused on an item of another kind, unless it is for any', async () => {
    const statuses: Record<string, string | undefined> = {}
    const expected: Record<string, string> = {}
    const own = allKinds.find((kind) => kinds[kind][1].some((one) => one === name))
    for (const kind of allKinds) {
      await clients.right.ask(definition.Delete, requestsOn('item').Delete as never)
      const maker = kinds[kind][0]
      await clients.right.ask(methodOf(maker), requestsOn('item')[maker])
      statuses[kind] = await clients.right.statusOf(methodOf(name), request)
      expected[kind] = own === undefined || own === kind ? 'OK' : 'FAILED_PRECONDITION'
    }
    expect(statuses).toEqual(expected)
  })
})

test.each(names)('a call of %s counts once, under its name', async (name) => {
  const { server } = momento()
  const before = server.counters()
  await clients.right.statusOf(methodOf(name), requestsOn('counted')[name])
  const after = server.counters()
  expect(after.requests).toBe(before.requests + 1)
  expect(after.methods[name]?.requests).toBe((before.methods[name]?.requests ?? 0) + 1)
})

test.each(names)('a fault refuses %s, and nothing is there', async (name) => {
  const { server, client } = momento()
  server.setFaults({ refuseRate: 1 })
  expect(await clients.right.statusOf(methodOf(name), requestsOn('refused')[name])).toBe('UNAVAILABLE')
  server.setFaults({})
  expect((await client.keyExists('cache', 'refused')).toString()).toContain('false')
})
