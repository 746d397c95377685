import { afterAll, beforeAll, expect, test } from 'vitest'
import { startChaos } from '../../demo/chaos.ts'
import { type MomentoServer, startMomento } from '../../local/momento/server.ts'
import { outcome, quietClient } from '../local/momento/quiet-client.ts'

const round = 20
let momento: MomentoServer
let client: ReturnType<typeof quietClient>

beforeAll(async () => {
  momento = await startMomento({ caches: ['cache'] })
  client = quietClient(momento)
})

afterAll(async () => {
  client.close()
  await momento.close()
})

async function readOutcomes(): Promise<Record<string, number>> {
  const reads = Array.from({ length: round }, () => client.getWithHash('cache', 'k'))
  const counts: Record<string, number> = {}
  for (const answer of await Promise.all(reads)) {
    counts[outcome(answer)] = (counts[outcome(answer)] ?? 0) + 1
  }
  return counts
}

test('twenty calls meet every fault of calls in its share, whatever the seed, and none after the end', async () => {
  const said: string[] = []
  const chaos = startChaos({ momento, functions: new Map() }, (text) => said.push(text))
  expect(await readOutcomes()).toEqual({
    SERVER_UNAVAILABLE: 2,
    LIMIT_EXCEEDED_ERROR: 2,
    TIMEOUT_ERROR: 1,
    Miss: 15,
  })
  const { seed, ...counts } = chaos.stop()
  expect(said).toEqual([`chaos: seed ${seed}`])
  expect(counts).toEqual({
    answersLost: 2,
    answersHeld: 1,
    callsLimited: 2,
    outages: 0,
    environmentsKilled: 0,
    invocationsLost: 0,
  })
  expect(await readOutcomes()).toEqual({ Miss: round })
})

test('the outage begins within a few writes, and ends with the rest when the chaos is stopped', async () => {
  const said: string[] = []
  const chaos = startChaos({ momento, functions: new Map() }, (text) => said.push(text), 1)
  const isGone = (): boolean => said.some((text) => text.includes('Momento is gone'))
  for (let write = 0; write < 3 * round && !isGone(); write++) await client.setIfAbsent('cache', 'w', 'v')
  expect(isGone()).toBe(true)
  expect(outcome(await client.setIfAbsent('cache', 'w', 'v'))).toBe('SERVER_UNAVAILABLE')
  expect(chaos.stop()).toMatchObject({ seed: 1, outages: 1 })
  const read = async (): Promise<string> => outcome(await client.getWithHash('cache', 'w'))
  await expect.poll(read, { timeout: 15_000 }).toBe('Hit')
})
