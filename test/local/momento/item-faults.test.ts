import { cache } from '@gomomento/generated-types'
import { credentials, Metadata } from '@grpc/grpc-js'
import {
  CacheClient,
  CacheGetWithHash,
  CacheSetIfPresentAndHashEqual,
  Configurations,
  NoopMomentoLoggerFactory,
  ReadConcern,
} from '@gomomento/sdk'
import { afterEach, beforeAll, expect, describe, afterAll, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome, quietClientProps } from './quiet-client.ts'

const momento = useMomento()
let consistent: CacheClient

beforeAll(() => {
  consistent = new CacheClient({
    ...quietClientProps(momento().server),
    configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).withReadConcern(
      ReadConcern.CONSISTENT,
    ),
  })
})
afterEach(() => momento().server.setFaults({}))
afterAll(() => consistent.close())

async function hashOf(key: string): Promise<Uint8Array> {
  const response = await consistent.getWithHash('cache', key)
  if (response instanceof CacheGetWithHash.Hit) return response.hashUint8Array()
  throw new Error(response.toString())
}

async function elementsOf(from: CacheClient): Promise<string[] | undefined> {
  return (await from.setFetch('cache', 'set')).value()?.sort()
}

describe('an eviction', () => {
  test('is seen by the next call only: the write says that it was stored', async () => {
    const { client, server } = momento()
    server.setFaults({ evictRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'evicted', 'v'))).toBe('Stored')
    expect(outcome(await client.get('cache', 'evicted'))).toBe('Miss')
    expect(server.counters().evicted).toBe(1)
    server.setFaults({})
    expect(outcome(await client.setIfAbsent('cache', 'evicted', 'v'))).toBe('Stored')
    expect(outcome(await client.get('cache', 'evicted'))).toBe('Hit')
  })

  test('comes to no item that a call did not write', async () => {
    const { client, server } = momento()
    await client.set('cache', 'kept', 'v')
    server.setFaults({ evictRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'kept', 'w'))).toBe('NotStored')
    expect((await client.get('cache', 'kept')).value()).toBe('v')
  })

  test('comes to no item that a call has deleted', async () => {
    const { client, server } = momento()
    await client.set('cache', 'deleted', 'v')
    const before = server.counters().evicted
    server.setFaults({ evictRate: 1 })
    expect(outcome(await client.delete('cache', 'deleted'))).toBe('Success')
    expect(server.counters().evicted).toBe(before)
    await client.set('cache', 'deleted', 'v')
    expect(server.counters().evicted).toBe(before + 1)
  })

  test('on demand takes one item of one cache', async () => {
    const { client, server } = momento()
    await client.set('cache', 'gone', 'v')
    await client.set('cache', 'stays', 'v')
    expect(server.evict('cache', Buffer.from('gone'))).toBe(true)
    expect(server.evict('cache', Buffer.from('gone'))).toBe(false)
    expect(server.evict('none', Buffer.from('stays'))).toBeUndefined()
    expect(outcome(await client.get('cache', 'gone'))).toBe('Miss')
    expect(outcome(await client.get('cache', 'stays'))).toBe('Hit')
  })
})

describe('a rollback', () => {
  test('brings back the value, the hash and the time to live of before', async () => {
    const { client, server, clock } = momento()
    await client.set('cache', 'back', 'old', { ttl: 10 })
    const old = await hashOf('back')
    server.setFaults({ rollBackRate: 1 })
    const swapped = await client.setIfPresentAndHashEqual('cache', 'back', 'new', old, { ttl: 100 })
    server.setFaults({})
    if (!(swapped instanceof CacheSetIfPresentAndHashEqual.Stored)) throw new Error(swapped.toString())
    expect((await consistent.get('cache', 'back')).value()).toBe('old')
    expect(
      outcome(await client.setIfPresentAndHashEqual('cache', 'back', 'x', swapped.hashUint8Array())),
    ).toBe('NotStored')
    expect(server.counters().rolledBack).toBe(1)
    clock.nowMs += 10_000
    expect(outcome(await client.get('cache', 'back'))).toBe('Miss')
  })

  test('cannot be where nothing was before', async () => {
    const { client, server } = momento()
    server.setFaults({ rollBackRate: 1 })
    expect(outcome(await client.setIfAbsent('cache', 'first', 'v'))).toBe('Stored')
    expect((await client.get('cache', 'first')).value()).toBe('v')
  })
})

describe('a stale read', () => {
  test('shows the value of before for a while, or that there was none; a consistent read never does', async () => {
    const { client, server, clock } = momento()
    server.setFaults({ staleRate: 1, staleForMs: 500 })
    await client.set('cache', 'stale', 'first')
    expect(outcome(await client.get('cache', 'stale'))).toBe('Miss')
    await client.set('cache', 'stale', 'second')
    clock.nowMs += 499
    expect((await client.get('cache', 'stale')).value()).toBe('first')
    expect((await consistent.get('cache', 'stale')).value()).toBe('second')
    clock.nowMs += 1
    expect((await client.get('cache', 'stale')).value()).toBe('second')
    expect(server.counters().staleReads).toBe(2)
  })

  test('leaves the item as it is: a swap decides on what is there', async () => {
    const { client, server } = momento()
    await client.set('cache', 'swapped', 'old')
    const old = await hashOf('swapped')
    server.setFaults({ staleRate: 1 })
    await client.set('cache', 'swapped', 'new')
    expect((await client.get('cache', 'swapped')).value()).toBe('old')
    expect(outcome(await client.setIfPresentAndHashEqual('cache', 'swapped', 'x', old))).toBe('NotStored')
    expect((await consistent.get('cache', 'swapped')).value()).toBe('new')
  })

  test('of an item twice in one batch leaves it as it is', async () => {
    const { client, server } = momento()
    await client.set('cache', 'twice', 'old')
    server.setFaults({ staleRate: 1 })
    await client.set('cache', 'twice', 'new')
    expect((await client.getBatch('cache', ['twice', 'twice'])).values()).toEqual({ twice: 'old' })
    expect((await consistent.get('cache', 'twice')).value()).toBe('new')
  })

  test('shows no value whose time to live has passed', async () => {
    const { client, server, clock } = momento()
    server.setFaults({ staleRate: 1, staleForMs: 5_000 })
    await client.set('cache', 'expired', 'old', { ttl: 1 })
    await client.set('cache', 'expired', 'new')
    expect((await client.get('cache', 'expired')).value()).toBe('old')
    clock.nowMs += 1_000
    expect(outcome(await client.get('cache', 'expired'))).toBe('Miss')
    expect((await consistent.get('cache', 'expired')).value()).toBe('new')
  })
})

describe('items of other kinds, and batches', () => {
  test('a collection is rolled back whole, and once more to the same', async () => {
    const { client, server } = momento()
    await client.listConcatenateBack('cache', 'list', ['a', 'b'])
    server.setFaults({ rollBackRate: 1 })
    for (const value of ['c', 'd']) {
      expect(outcome(await client.listPushBack('cache', 'list', value))).toBe('Success')
    }
    server.setFaults({})
    expect((await client.listFetch('cache', 'list')).value()).toEqual(['a', 'b'])
    await client.listPushBack('cache', 'list', 'e')
    expect((await client.listFetch('cache', 'list')).value()).toEqual(['a', 'b', 'e'])
  })

  test('a collection is evicted whole', async () => {
    const { client, server } = momento()
    await client.dictionarySetField('cache', 'dictionary', 'first', '1')
    server.setFaults({ evictRate: 1 })
    await client.dictionarySetField('cache', 'dictionary', 'second', '2')
    expect(outcome(await client.dictionaryFetch('cache', 'dictionary'))).toBe('Miss')
  })

  test('a collection is read as it was, and has what was added after all', async () => {
    const { client, server } = momento()
    await client.setAddElement('cache', 'set', 'a')
    server.setFaults({ staleRate: 1 })
    await client.setAddElement('cache', 'set', 'b')
    expect(await elementsOf(client)).toEqual(['a'])
    expect(await elementsOf(client)).toEqual(['a'])
    expect(await elementsOf(consistent)).toEqual(['a', 'b'])
  })

  test('each item of a batch meets a fault of its own', async () => {
    const { client, server } = momento()
    const values = async (): Promise<unknown> => {
      const response = await client.getBatch('cache', ['x', 'y', 'z'])
      return Object.values(response.values() ?? {}).sort()
    }
    await client.setBatch('cache', { x: 'x1', y: 'y1', z: 'z1' })
    // The call itself takes the first number.
    const draws = [0.99, 0.1, 0.9, 0.1]
    server.setFaults({ rollBackRate: 0.5, random: () => draws.shift() ?? 0.99 })
    await client.setBatch('cache', { x: 'x2', y: 'y2', z: 'z2' })
    server.setFaults({})
    expect(await values()).toEqual(['x1', 'y2', 'z1'])

    server.setFaults({ staleRate: 1 })
    await client.setBatch('cache', { x: 'x3', y: 'y3', z: 'z3' })
    expect(await values()).toEqual(['x1', 'y2', 'z1'])
    server.setFaults({})
    expect(await values()).toEqual(['x3', 'y3', 'z3'])
  })

  test('a batch is refused, lost, cut and held like any other call', async () => {
    const { client, server } = momento()
    server.setFaults({ loseAnswerRate: 1 })
    expect(outcome(await client.setBatch('cache', { p: '1', q: '2' }))).toBe('SERVER_UNAVAILABLE')
    server.setFaults({})
    expect(outcome(await client.get('cache', 'q'))).toBe('Hit')
    server.setFaults({ failRates: { 'resource-exhausted': 1 } })
    expect(outcome(await client.getBatch('cache', ['p']))).toBe('LIMIT_EXCEEDED_ERROR')
    server.setFaults({ holdRate: 1 })
    const abort = new AbortController()
    const held = client.getBatch('cache', ['p'], { abortSignal: abort.signal })
    const before = server.counters().held
    await expect.poll(() => server.counters().held).toBe(before + 1)
    abort.abort()
    expect(outcome(await held)).toBe('CANCELLED_ERROR')
    server.setFaults({ cutRate: 1 })
    expect(outcome(await client.getBatch('cache', ['p']))).toBe('SERVER_UNAVAILABLE')
  })
})

test('of calls to methods that the faults are not for, no item suffers', async () => {
  const { client, server } = momento()
  server.setFaults({ evictRate: 1, methods: ['Set'] })
  await client.setIfAbsent('cache', 'other', 'v')
  expect(outcome(await client.get('cache', 'other'))).toBe('Hit')
  await client.set('cache', 'other', 'v')
  expect(outcome(await client.get('cache', 'other'))).toBe('Miss')
})

test('draws decide, by one number for each write after the one for the call', async () => {
  const { client, server } = momento()
  for (const key of ['a', 'b', 'c']) await client.set('cache', key, 'old')
  const numbers = [0.2, 0.3, 0.9].flatMap((drawn) => [0.99, drawn])
  server.setFaults({ evictRate: 0.25, rollBackRate: 0.25, random: () => numbers.shift() ?? 0.99 })
  for (const key of ['a', 'b', 'c']) await client.set('cache', key, 'new')
  server.setFaults({})
  const found = await Promise.all(['a', 'b', 'c'].map((key) => client.get('cache', key)))
  expect(found.map((response) => response.value())).toEqual([undefined, 'old', 'new'])
})

test.each(['loseAnswerRate', 'holdRate', 'cutRate'] as const)(
  'of a batch that meets %s not even the first message arrives, which otherwise all do',
  async (rate) => {
    const { client, server } = momento()
    await client.setBatch('cache', { m: '1', n: '2' })
    const messagesWithin = async (deadlineMs: number): Promise<number> => {
      const { ScsClient, _GetBatchRequest, _GetRequest } = cache.cache_client
      const raw = new ScsClient(`${server.hostname}:${server.port}`, credentials.createInsecure())
      const items = ['m', 'n'].map((key) => new _GetRequest({ cache_key: Buffer.from(key) }))
      const metadata = new Metadata()
      metadata.set('cache', 'cache')
      const stream = raw.GetBatch(new _GetBatchRequest({ items }), metadata, {
        deadline: Date.now() + deadlineMs,
      })
      let messages = 0
      stream.on('data', () => (messages += 1))
      await new Promise((resolve) => {
        stream.once('end', resolve)
        stream.once('error', resolve)
      })
      raw.close()
      return messages
    }
    expect(await messagesWithin(10_000)).toBe(2)
    server.setFaults({ [rate]: 1 })
    // Only one that is held waits so long.
    expect(await messagesWithin(500)).toBe(0)
  },
)
