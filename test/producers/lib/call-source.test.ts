import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallSource } from '../../../producers/lib/call-source.ts'
import type { OutgoingRecord } from '../../../producers/lib/put-records.ts'

const record = (partitionKey: string): OutgoingRecord => ({ partitionKey, data: Buffer.from('x') })
const keysOf = (call: readonly OutgoingRecord[]): string[] => call.map(({ partitionKey }) => partitionKey)
const forever = new AbortController().signal

async function* pausingAfter(...keys: string[]): AsyncGenerator<OutgoingRecord> {
  for (const key of keys) yield record(key)
  await new Promise(() => undefined)
}

async function* failingAfter(...keys: string[]): AsyncGenerator<OutgoingRecord> {
  for (const key of keys) yield record(key)
  throw new Error('the source failed')
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a source that pauses holds back what came before for a tenth of a second and no longer', async () => {
  const source = new CallSource(pausingAfter('a', 'b'))
  let call: OutgoingRecord[] | undefined
  const taking = source.take(500, forever).then((taken) => (call = taken))
  await vi.advanceTimersByTimeAsync(99)
  expect(call).toBeUndefined()
  await vi.advanceTimersByTimeAsync(1)
  expect(keysOf(await taking)).toEqual(['a', 'b'])
})

test('an abort ends the wait for a source that says nothing', async () => {
  const abort = new AbortController()
  const taking = new CallSource(pausingAfter()).take(500, abort.signal)
  abort.abort()
  expect(await taking).toEqual([])
})

test('what came before a failure is taken, then the failure is thrown', async () => {
  const source = new CallSource(failingAfter('a', 'b', 'c'))
  expect(keysOf(await source.take(2, forever))).toEqual(['a', 'b'])
  expect(keysOf(await source.take(2, forever))).toEqual(['c'])
  await expect(source.take(2, forever)).rejects.toThrow('the source failed')
})

test('closing does not wait for a record that never comes', async () => {
  const source = new CallSource(pausingAfter('a'))
  const taking = source.take(500, forever)
  await vi.advanceTimersByTimeAsync(100)
  await taking
  await expect(source.close()).resolves.toBeUndefined()
})
