import { afterAll, beforeAll } from 'vitest'
import type { CacheClient } from '@gomomento/sdk'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoServer } from '../../../local/momento/server.ts'
import { quietClient } from './quiet-client.ts'

/** A server with a cache named `cache`, a client of it, and the clock its times to live follow. */
export interface Fixture {
  readonly server: MomentoServer
  readonly client: CacheClient
  readonly clock: { nowMs: number }
}

/** Starts the fixture before a file's tests and ends it after them; the result is filled when they run. */
export function useMomento(): () => Fixture {
  let fixture: Fixture | undefined
  beforeAll(async () => {
    const clock = { nowMs: 1000 }
    const server = await startMomento({ caches: ['cache'], nowMs: () => clock.nowMs, random: () => 0.5 })
    fixture = { server, client: quietClient(server), clock }
  })
  afterAll(async () => {
    fixture?.client.close()
    await fixture?.server.close()
  })
  return () => {
    if (fixture === undefined) throw new Error('the fixture is there only while tests run')
    return fixture
  }
}
