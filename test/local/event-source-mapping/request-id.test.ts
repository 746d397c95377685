import { expect, it } from 'vitest'
import { createRequestId } from '../../../local/event-source-mapping/request-id.ts'

it('a request id is a version 4 UUID at both ends of the randomness', () => {
  expect(createRequestId(() => 0)).toBe('00000000-0000-4000-8000-000000000000')
  expect(createRequestId(() => 1 - Number.EPSILON)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
})

it('request ids differ', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => createRequestId(Math.random)))
  expect(ids.size).toBe(1000)
})
