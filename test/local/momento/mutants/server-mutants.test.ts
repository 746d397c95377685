import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CacheGetBatch, CacheSetBatch } from '@gomomento/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as momento from '../../../../local/momento/server.ts'
import { outcome, quietClient } from '../quiet-client.ts'
import type { Mutant } from './mutant.ts'
import { mutatedModule } from './mutated-module.ts'
import { right, serverMutants } from './server-mutants.ts'

const serverPath = join(import.meta.dirname, '../../../../local/momento/server.ts')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'momento-mutants-'))
})
afterAll(() => rm(folder, { recursive: true }))

const large = 'x'.repeat(5_000_000)
const tooLarge = 'x'.repeat(5_300_000)

/** What a client sees of a server in the cases that are easy to get wrong. */
async function observations(mutant?: Mutant): Promise<Record<keyof typeof right, unknown>> {
  const { startMomento } = (await mutatedModule(serverPath, folder, mutant)) as typeof momento
  const server = await startMomento({ caches: ['cache'], nowMs: () => 0, random: () => 0 })
  const client = quietClient(server)
  try {
    await client.listPushBack('cache', 'list', 'v')
    const setBatch = await client.setBatch('cache', [
      { key: 'a', value: '1' },
      { key: 'b', value: tooLarge },
      { key: 'c', value: '3' },
    ])
    const getBatch = await client.getBatch('cache', ['c', 'b', 'a'])
    const element = await client.setAddElement('cache', 'set', 'x'.repeat(140_000))
    const type = await client.itemGetType('cache', 'list')
    const observed = {
      setBatch:
        setBatch instanceof CacheSetBatch.Success ? setBatch.results().map(outcome) : outcome(setBatch),
      getBatch:
        getBatch instanceof CacheGetBatch.Success
          ? getBatch.results().map((result) => result.value() ?? outcome(result))
          : outcome(getBatch),
      large: outcome(await client.set('cache', 'large', large)),
      tooLarge: outcome(await client.set('cache', 'large', tooLarge)),
      element: element.toString().split(':')[0],
      ttl: outcome(await client.set('cache', 'a', '1', { ttl: 86_401 })),
      unknownCache: outcome(await client.get('none', 'a')),
      otherKind: outcome(await client.get('cache', 'list')),
      type: 'itemType' in type ? type.itemType() : undefined,
      refused: '',
    }
    server.setFaults({ refuseRate: 1 })
    return { ...observed, refused: outcome(await client.getBatch('cache', ['a'])) }
  } finally {
    client.close()
    await server.close()
  }
}

test('the server as it is gets everything right', async () => {
  expect(await observations()).toEqual(right)
})

test.each(serverMutants)('a client sees that $name', async (mutant) => {
  expect((await observations(mutant))[mutant.seen]).not.toEqual(right[mutant.seen])
})
