import { CacheGetBatch, CacheSetBatch } from '@gomomento/sdk'
import { afterEach, expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome } from './quiet-client.ts'

const momento = useMomento()
afterEach(() => momento().server.setFaults({}))

async function got(keys: string[]): Promise<unknown> {
  const response = await momento().client.getBatch('cache', keys)
  if (!(response instanceof CacheGetBatch.Success)) return outcome(response)
  return response.results().map((result) => result.value() ?? outcome(result))
}

async function set(items: { key: string; value: string; ttl?: number }[]): Promise<unknown> {
  const response = await momento().client.setBatch('cache', items)
  return response instanceof CacheSetBatch.Success ? response.results().map(outcome) : outcome(response)
}

test('each key is answered in the order of the request, those asked for twice and those not there too', async () => {
  const items = Array.from({ length: 100 }, (_, index) => ({ key: `k${index}`, value: `v${index}` }))
  expect(await set(items)).toEqual(items.map(() => 'Success'))
  const keys = items.map(({ key }) => key).toReversed()
  expect(await got(keys)).toEqual(items.map(({ value }) => value).toReversed())
  expect(await got(['k1', 'none', 'k1', 'k0'])).toEqual(['v1', 'Miss', 'v1', 'v0'])
  expect(await got([])).toEqual([])
  expect(await set([])).toEqual([])
})

test('of one key that is set twice the last value stays, and each item has its own time to live', async () => {
  const { clock } = momento()
  const items = [
    { key: 'a', value: '1' },
    { key: 'b', value: '2', ttl: 10 },
    { key: 'a', value: '3', ttl: 20 },
  ]
  await set(items)
  clock.nowMs += 9999
  expect(await got(['a', 'b'])).toEqual(['3', '2'])
  clock.nowMs += 1
  expect(await got(['a', 'b'])).toEqual(['3', 'Miss'])
  clock.nowMs += 10_000
  expect(await got(['a', 'b'])).toEqual(['Miss', 'Miss'])
})

test('an item that is refused fails alone', async () => {
  const items = [
    { key: 'c', value: '1' },
    { key: 'd', value: 'x'.repeat(5_300_000) },
    { key: 'e', value: '2', ttl: 90_000 },
    { key: 'f', value: '3' },
  ]
  expect(await set(items)).toEqual(['Success', 'UNKNOWN_ERROR', 'UNKNOWN_ERROR', 'Success'])
  await momento().client.listPushBack('cache', 'list', 'v')
  expect(await got(['c', 'd', 'list', 'e', 'f'])).toEqual(['1', 'Miss', 'UNKNOWN_ERROR', 'Miss', '3'])
})

test('more than a connection takes at once arrives whole', async () => {
  const value = 'x'.repeat(1_000_000)
  for (let index = 0; index < 20; index++)
    await momento().client.set('cache', `large ${index}`, `${index} ${value}`)
  const keys = Array.from({ length: 20 }, (_, index) => `large ${index}`)
  expect(await got(keys)).toEqual(keys.map((_, index) => `${index} ${value}`))
})

test('a batch is one call to the counters, with the bytes of all its values', async () => {
  const { server } = momento()
  const before = server.counters()
  await set([
    { key: 'g', value: 'xx' },
    { key: 'h', value: 'yyy' },
  ])
  await got(['g', 'none', 'h', 'h'])
  const after = server.counters()
  expect(after.requests - before.requests).toBe(2)
  expect([after.bytesIn - before.bytesIn, after.bytesOut - before.bytesOut]).toEqual([5, 8])
})

test('faults reach it: refused, over the rate, and lost on the way back', async () => {
  const { server, client } = momento()
  const items = [{ key: 'i', value: '1' }]
  server.setFaults({ refuseRate: 1 })
  expect([await set(items), await got(['i'])]).toEqual(['SERVER_UNAVAILABLE', 'SERVER_UNAVAILABLE'])
  server.setFaults({ limitRate: 1, methods: ['SetBatch'] })
  expect([await set(items), await got(['i'])]).toEqual(['LIMIT_EXCEEDED_ERROR', ['Miss']])
  server.setFaults({ loseAnswerRate: 1 })
  expect(await set(items)).toBe('SERVER_UNAVAILABLE')
  server.setFaults({})
  expect((await client.get('cache', 'i')).value()).toBe('1')
})

test('a batch that is held is over when its caller gives up, and has happened', async () => {
  const { server, client } = momento()
  const before = server.counters().held
  const giveUp = new AbortController()
  server.setFaults({ holdRate: 1, onApplied: () => giveUp.abort() })
  const response = await client.setBatch('cache', [{ key: 'j', value: '1' }], { abortSignal: giveUp.signal })
  expect(outcome(response)).toBe('CANCELLED_ERROR')
  server.setFaults({})
  expect((await client.get('cache', 'j')).value()).toBe('1')
  expect(server.counters().held).toBe(before + 1)
})

test('a batch on a cache that is not there is one error', async () => {
  const { client } = momento()
  expect(outcome(await client.getBatch('none', ['a']))).toBe('NOT_FOUND_ERROR')
  expect(outcome(await client.setBatch('none', [{ key: 'a', value: '1' }]))).toBe('NOT_FOUND_ERROR')
})
