import { describe, expect, it } from 'vitest'
import { interpretResponse, withState } from '../../../local/event-source-mapping/batch-response.ts'

const BATCH = ['8', '9', '10', '11']

function interpret(response: unknown) {
  return interpretResponse(JSON.stringify(response), BATCH)
}

function failures(...identifiers: readonly unknown[]) {
  return { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) }
}

describe('an answer that names no failure finishes the batch', () => {
  it.each([
    ['an empty string', ''],
    ['an empty list', []],
    ['null', null],
    ['an empty object', {}],
    ['an empty list of failures', { batchItemFailures: [] }],
    ['null for the list of failures', { batchItemFailures: null }],
    ['an object about something else', { statusCode: 200 }],
  ])('%s', (_name, response) => {
    expect(interpret(response)).toEqual({ kind: 'succeeded' })
  })

  it('no body at all', () => {
    expect(interpretResponse('', BATCH)).toEqual({ kind: 'succeeded' })
  })
})

describe('an answer that names something else than a record fails the whole batch', () => {
  it.each([
    ['an empty identifier', failures('')],
    ['null as the identifier', failures(null)],
    ['another key', { batchItemFailures: [{ foo: 123 }] }],
    ['another key with null', { batchItemFailures: [{ foo: null }] }],
    ['a number that is not of the batch', failures(123)],
    ['a sequence number that is not of the batch', failures('12')],
    ['a sequence number as a number', failures(10)],
    ['an entry that is no object', { batchItemFailures: ['10'] }],
    ['an entry that is null', { batchItemFailures: [null] }],
    ['one bad entry behind a good one', failures('10', '')],
    ['a list of failures that is no list', { batchItemFailures: { itemIdentifier: '10' } }],
    ['a string', 'done'],
    ['a number', 1],
    ['false', false],
    ['a list with something in it', [1]],
  ])('%s', (_name, response) => {
    expect(interpret(response)).toMatchObject({ kind: 'failed', failure: { reason: 'invalid-response' } })
  })

  it('a body that is not JSON', () => {
    expect(interpretResponse('{', BATCH)).toMatchObject({
      kind: 'failed',
      failure: { reason: 'invalid-response' },
    })
  })
})

describe('the lowest reported sequence number divides the batch', () => {
  it('what stands before it is done, the records behind it are not', () => {
    expect(interpret(failures('10'))).toEqual({ kind: 'partly-failed', doneRecords: 2 })
  })

  it('is found in any order of the list', () => {
    expect(interpret(failures('11', '9', '10'))).toEqual({ kind: 'partly-failed', doneRecords: 1 })
  })

  it('is the lowest as a number, not as a string', () => {
    expect(interpret(failures('10', '9'))).toEqual({ kind: 'partly-failed', doneRecords: 1 })
  })

  it('may be reported twice', () => {
    expect(interpret(failures('11', '11'))).toEqual({ kind: 'partly-failed', doneRecords: 3 })
  })

  it('is a failure of the whole batch where it is the first record', () => {
    expect(interpret(failures('8', '11'))).toEqual({
      kind: 'failed',
      failure: { reason: 'first-record-failed' },
    })
  })
})

describe('an answer with the state of a tumbling window', () => {
  const done = { kind: 'succeeded' } as const

  it.each(['{}', '0', 'null', 'false', '""', '[1]', '{"seen":1}'])('keeps %s as it is', (state) => {
    expect(withState(done, `{"state":${state}}`)).toEqual({ kind: 'succeeded', state })
  })

  it.each(['', '{', 'null', '[]', '"state"', '{"stat":{}}'])('has failed where it is %j', (payload) => {
    expect(withState(done, payload)).toMatchObject({
      kind: 'failed',
      failure: { reason: 'invalid-response' },
    })
  })

  it('changes nothing in what has failed already', () => {
    const failed = { kind: 'failed', failure: { reason: 'first-record-failed' } } as const
    expect(withState(failed, '{"state":{}}')).toBe(failed)
  })
})
