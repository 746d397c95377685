import { ping } from '@gomomento/generated-types'
import { credentials } from '@grpc/grpc-js'
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

test('a ping is answered', async () => {
  const { hostname, port } = momento().server
  const { PingClient, _PingRequest } = ping.cache_client
  const client = new PingClient(`${hostname}:${port}`, credentials.createInsecure())
  const error = await new Promise((resolve) => client.Ping(new _PingRequest(), resolve))
  client.close()
  expect(error).toBeNull()
})
