import { control, ping } from '@gomomento/generated-types'
import { credentials, status } from '@grpc/grpc-js'
import { ListCaches } from '@gomomento/sdk'
import { expect, test } from 'vitest'
import { useMomento } from './fixture.ts'
import { outcome } from './quiet-client.ts'

const momento = useMomento()

async function cacheNames(): Promise<string[] | undefined> {
  const response = await momento().client.listCaches()
  return response instanceof ListCaches.Success
    ? response.getCaches().map((cache) => cache.getName())
    : undefined
}

test('a cache can be used once it is created, is listed, and is gone with its items when deleted', async () => {
  const { client } = momento()
  expect(outcome(await client.set('new', 'k', 'v'))).toBe('NOT_FOUND_ERROR')
  expect(outcome(await client.createCache('new'))).toBe('Success')
  expect(outcome(await client.set('new', 'k', 'v'))).toBe('Success')
  expect(await cacheNames()).toEqual(['cache', 'new'])
  expect(outcome(await client.deleteCache('new'))).toBe('Success')
  expect(await cacheNames()).toEqual(['cache'])
  await client.createCache('new')
  expect(outcome(await client.get('new', 'k'))).toBe('Miss')
})

test('creating a cache that exists keeps its items, over the wire and on the server', async () => {
  const { client, server } = momento()
  await client.set('cache', 'kept', 'v')
  expect(outcome(await client.createCache('cache'))).toBe('AlreadyExists')
  server.createCache('cache')
  expect(outcome(await client.get('cache', 'kept'))).toBe('Hit')
  server.createCache('from the server')
  expect(outcome(await client.get('from the server', 'kept'))).toBe('Miss')
})

test('deleting a cache that does not exist is an error', async () => {
  expect(outcome(await momento().client.deleteCache('none'))).toBe('NOT_FOUND_ERROR')
})

test("flushing a cache takes all its items and no other cache's; it is an error where there is none", async () => {
  const { client } = momento()
  await client.createCache('flushed')
  await client.set('flushed', 'k', 'v')
  await client.listPushBack('flushed', 'l', 'v')
  await client.set('cache', 'k', 'v')
  expect(outcome(await client.flushCache('flushed'))).toBe('Success')
  expect(outcome(await client.get('flushed', 'k'))).toBe('Miss')
  expect(outcome(await client.listFetch('flushed', 'l'))).toBe('Miss')
  expect(outcome(await client.get('cache', 'k'))).toBe('Hit')
  await client.set('flushed', 'k', 'v')
  expect(outcome(await client.get('flushed', 'k'))).toBe('Hit')
  await client.deleteCache('flushed')
  expect(outcome(await client.flushCache('flushed'))).toBe('NOT_FOUND_ERROR')
})

test('a listed cache says how large an item may be, and how long it may live', async () => {
  const response = await momento().client.listCaches()
  const [cache] = response instanceof ListCaches.Success ? response.getCaches() : []
  expect(cache?.getCacheLimits()).toMatchObject({ maxItemSizeKb: 5120, maxTtlSeconds: 86_400 })
})

test('a cache without a name is an argument that is wrong', async () => {
  const { hostname, port } = momento().server
  const { ScsControlClient, _CreateCacheRequest } = control.control_client
  const client = new ScsControlClient(`${hostname}:${port}`, credentials.createInsecure())
  const request = new _CreateCacheRequest({ cache_name: ' ' })
  const error = await new Promise((resolve) => client.CreateCache(request, resolve))
  client.close()
  expect(error).toMatchObject({ code: status.INVALID_ARGUMENT })
})

test('a ping is answered', async () => {
  const { hostname, port } = momento().server
  const { PingClient, _PingRequest } = ping.cache_client
  const client = new PingClient(`${hostname}:${port}`, credentials.createInsecure())
  const error = await new Promise((resolve) => client.Ping(new _PingRequest(), resolve))
  client.close()
  expect(error).toBeNull()
})
