import { expect, test } from 'vitest'
import { cellStoreContract } from './cell-store.ts'
import { MemoryCellStore } from './memory-cell-store.ts'

cellStoreContract('in memory', async () => {
  let nowMs = 0
  return {
    store: new MemoryCellStore(() => nowMs),
    advance: (durationMs) => {
      nowMs += durationMs
    },
  }
})

test.each([0, -1, 1.5, Number.NaN])(
  'a ttl of %d s is refused, which a real cache would take for its default',
  async (ttl) => {
    const store = new MemoryCellStore(() => 0)
    await expect(store.createIfAbsent('a', new Uint8Array(1), ttl)).rejects.toThrow(RangeError)
    await expect(store.createIfAbsent('a', new Uint8Array(1), 1)).resolves.toBeDefined()
  },
)
