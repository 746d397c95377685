import { describe, expect, test } from 'vitest'
import {
  DamagedBytesError,
  DefinitionError,
  NewerCodecError,
  RejectError,
  StoreError,
  storeFailureCode,
} from '../../../consumers/engine/errors.ts'

describe('what a failed request is reported as', () => {
  test.each([
    [new StoreError('refused: {"card":"4111"}', { code: 'LIMIT_EXCEEDED' }), 'LIMIT_EXCEEDED'],
    [new StoreError('refused'), 'unknown'],
    [new DamagedBytesError('damaged'), 'DamagedBytesError'],
    [new NewerCodecError('newer'), 'NewerCodecError'],
  ])('%s', (error, code) => {
    expect(storeFailureCode(error)).toBe(code)
  })

  test.each([
    new TypeError('bug'),
    new RejectError('late', 'late'),
    new DefinitionError('no'),
    'text',
    undefined,
  ])('not %s: it is not the store’s', (error) => {
    expect(storeFailureCode(error)).toBeUndefined()
  })
})

test('errors keep their cause', () => {
  const cause = new Error('why')
  expect(new StoreError('refused', { cause, code: 'X' }).cause).toBe(cause)
  expect(new RejectError('not-json', 'no JSON', { cause }).cause).toBe(cause)
})

test('a detail is cut, however much of a payload it quotes', () => {
  expect(new RejectError('pipeline-threw', 'x'.repeat(1_000_000)).message).toBe('x'.repeat(500))
  expect(new RejectError('late', 'too late').message).toBe('too late')
})
