import { expect, test } from 'vitest'
import { CacheItems } from '../../../local/momento/storage.ts'
import { hashOfValue, storedHash } from '../../../local/momento/value-hash.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('a stored value is hashed when it is first asked for, and not again', () => {
  const items = new CacheItems(() => 0)
  const stored = items.write(bytes('k'), bytes('v'), 1000)
  expect(stored).not.toHaveProperty('hash')
  const hash = storedHash(stored)
  expect(hash).toEqual(hashOfValue(bytes('v')))
  expect(items.readStored(bytes('k'))?.hash).toBe(hash)
  expect(storedHash(stored)).toBe(hash)
})

test('a value that replaces another has a hash of its own', () => {
  const items = new CacheItems(() => 0)
  storedHash(items.write(bytes('k'), bytes('1'), 1000))
  const written = items.writeIf(bytes('k'), bytes('2'), 1000, () => true)
  expect(written && storedHash(written)).toEqual(hashOfValue(bytes('2')))
  items.increment(bytes('k'), 1, 1000)
  const incremented = items.readStored(bytes('k'))
  expect(incremented && storedHash(incremented)).toEqual(hashOfValue(bytes('3')))
})
