import { cache, control } from '@gomomento/generated-types'
import { Metadata, status } from '@grpc/grpc-js'
import { describe, expect, onTestFinished, test } from 'vitest'
import { refusalOfKey } from '../../../local/momento/api-key.ts'
import { isReadOnly } from '../../../local/momento/read-only-methods.ts'
import { startMomento } from '../../../local/momento/server.ts'
import type { MomentoOptions, MomentoServer } from '../../../local/momento/server.ts'
import { keyedClient, outcome, quietClient } from './quiet-client.ts'

async function start(options: MomentoOptions): Promise<MomentoServer> {
  const server = await startMomento({ caches: ['cache'], ...options })
  onTestFinished(() => server.close())
  return server
}

describe('a key for reading only', () => {
  test('reads what another has written, and changes nothing', async () => {
    const server = await start({ apiKeys: new Set(['full']), readOnlyApiKeys: new Set(['reader']) })
    const writer = keyedClient(server, 'full')
    const reader = keyedClient(server, 'reader')
    onTestFinished(() => {
      writer.close()
      reader.close()
    })
    expect(outcome(await writer.setIfAbsent('cache', 'k', 'first'))).toBe('Stored')
    expect((await reader.get('cache', 'k')).value()).toBe('first')
    expect(outcome(await reader.getWithHash('cache', 'k'))).toBe('Hit')
    expect(outcome(await reader.itemGetTtl('cache', 'k'))).toBe('Hit')
    expect(outcome(await reader.listCaches())).toBe('Success')

    const writes = [
      reader.set('cache', 'k', 'second'),
      reader.setWithHash('cache', 'k', 'second'),
      reader.setIfPresent('cache', 'k', 'second'),
      reader.delete('cache', 'k'),
      reader.increment('cache', 'number'),
      reader.createCache('another'),
      reader.deleteCache('cache'),
    ]
    const outcomes = (await Promise.all(writes)).map(outcome)
    expect(new Set(outcomes)).toEqual(new Set(['PERMISSION_ERROR']))
    expect((await writer.get('cache', 'k')).value()).toBe('first')
    expect(outcome(await writer.get('cache', 'number'))).toBe('Miss')
    expect(server.cacheNames()).toEqual(['cache'])
    expect(server.counters().methods['Set']).toMatchObject({ errors: { PERMISSION_DENIED: 1 } })
    expect(server.counters().unauthenticated).toBe(0)
  })

  test('is the only one that passes where there is no other', async () => {
    const server = await start({ readOnlyApiKeys: new Set(['reader']) })
    const [reader, stranger] = [keyedClient(server, 'reader'), quietClient(server)]
    onTestFinished(() => {
      reader.close()
      stranger.close()
    })
    expect(outcome(await reader.get('cache', 'k'))).toBe('Miss')
    expect(outcome(await stranger.get('cache', 'k'))).toBe('AUTHENTICATION_ERROR')
  })
})

describe('which methods write', () => {
  const { definition: data } = cache.cache_client.UnimplementedScsService
  const { definition: controls } = control.control_client.UnimplementedScsControlService
  const names = [...Object.keys(data), ...Object.keys(controls)]

  test('a method reads if its name says so, or if it is one of the few that say it otherwise', () => {
    const saysSo = /^(Get|Item|KeysExist|ListCaches)|(Fetch|Length|LengthByScore|GetRank|GetScore|Contains)$/
    const otherwise = new Set(['DictionaryGet', 'SetSample'])
    const reading = names.filter((name) => saysSo.test(name) || otherwise.has(name))
    expect(names.filter(isReadOnly)).toEqual(reading)
    expect(reading.length).toBeGreaterThan(20)
  })

  test.each([
    ['a full key', 'full', 'Set', undefined],
    ['a reader that reads', 'reader', 'Get', undefined],
    ['a reader that writes', 'reader', 'ListRetain', status.PERMISSION_DENIED],
    ['a reader that takes something out', 'reader', 'SetPop', status.PERMISSION_DENIED],
    ['a reader that calls what nobody knows', 'reader', 'Reindex', status.PERMISSION_DENIED],
    ['another key', 'other', 'Get', status.UNAUTHENTICATED],
    ['no key', '', 'Get', status.UNAUTHENTICATED],
  ])('%s', (_, key, method, code) => {
    const metadata = new Metadata()
    metadata.set('authorization', key)
    const keys = { full: new Set(['full']), readOnly: new Set(['reader']) }
    expect(refusalOfKey(keys, metadata, method)?.code).toBe(code)
    expect(refusalOfKey(keys, new Metadata(), method)?.code).toBe(status.UNAUTHENTICATED)
  })
})
