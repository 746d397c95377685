import { describe, expect, test } from 'vitest'
import { mapConcurrently } from '../../../consumers/engine/map-concurrently.ts'

/** Calls that end when the test says so. */
class HeldCalls {
  readonly started: string[] = []
  readonly #ends = new Map<string, { resolve: (result: string) => void; reject: (error: Error) => void }>()

  readonly run = (item: string): Promise<string> =>
    new Promise((resolve, reject) => {
      this.started.push(item)
      this.#ends.set(item, { resolve, reject })
    })

  async end(item: string, failure?: Error): Promise<void> {
    const call = this.#ends.get(item)
    if (failure === undefined) call?.resolve(item.toUpperCase())
    else call?.reject(failure)
    await settled()
  }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

describe('mapConcurrently', () => {
  test('never more than the limit run at once, and the next begins as one ends', async () => {
    const calls = new HeldCalls()
    const all = mapConcurrently(['a', 'b', 'c', 'd'], 2, calls.run)
    expect(calls.started).toEqual(['a', 'b'])
    await calls.end('b')
    expect(calls.started).toEqual(['a', 'b', 'c'])
    for (const item of ['c', 'a', 'd']) await calls.end(item)
    await expect(all).resolves.toEqual(['A', 'B', 'C', 'D'])
  })

  test('results come in the order of the items, whatever ends first', async () => {
    const calls = new HeldCalls()
    const all = mapConcurrently(['a', 'b', 'c'], 3, calls.run)
    for (const item of ['c', 'b', 'a']) await calls.end(item)
    await expect(all).resolves.toEqual(['A', 'B', 'C'])
  })

  test('no items are no results', async () => {
    await expect(mapConcurrently([], 3, async () => 'never')).resolves.toEqual([])
  })

  test('it rejects with the first failure, but not before all others have ended', async () => {
    const calls = new HeldCalls()
    let ended = false
    const all = mapConcurrently(['a', 'b', 'c'], 2, calls.run)
    const outcome = all.catch((error: unknown) => error).finally(() => (ended = true))
    await calls.end('b', new Error('first'))
    await calls.end('c', new Error('second'))
    expect(calls.started).toEqual(['a', 'b', 'c'])
    expect(ended).toBe(false)
    await calls.end('a')
    expect(ended).toBe(true)
    await expect(outcome).resolves.toEqual(new Error('first'))
  })
})
