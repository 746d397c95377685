import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { RejectError } from '../../../consumers/engine/errors.ts'
import { type EvaluatedEvent, evaluator } from '../../../consumers/engine/evaluate.ts'
import { count } from '../../../consumers/engine/measures/count.ts'
import { sum } from '../../../consumers/engine/measures/sum.ts'

const schema = z.object({ id: z.string(), at: z.number(), legs: z.array(z.object({ miles: z.number() })) })
const json = { id: 'a', at: 5, legs: [{ miles: 7 }] }

interface Code {
  readonly id?: (event: z.infer<typeof schema>) => string
  readonly time?: (event: z.infer<typeof schema>) => number
  readonly key?: (event: z.infer<typeof schema>) => string
  readonly miles?: (event: z.infer<typeof schema>) => number
}

function evaluate(of: unknown, code: Code = {}): EvaluatedEvent {
  const { id, time, key = (event) => event.id, miles = (event) => event.legs[0]?.miles ?? 0 } = code
  return evaluator(
    schema,
    { id, time },
    [['key', key]],
    [
      ['count', count()],
      ['miles', sum(miles)],
    ],
  )(of)
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('an event', () => {
  test('is its id, time, keys and states, in the definition’s order', () => {
    expect(evaluate(json, { id: (event) => event.id, time: (event) => event.at })).toEqual({
      id: 'a',
      timeMs: 5,
      keys: ['a'],
      states: [1, 7],
    })
  })

  test('has no id and no time where the definition gives none', () => {
    expect(evaluate(json)).toMatchObject({ id: undefined, timeMs: undefined })
  })
})

describe('rejects', () => {
  test.each([
    ['at the top', 7, 'the event: '],
    ['in a member', { ...json, id: 7 }, 'id: '],
    ['deep in it', { ...json, legs: [{ miles: 1 }, { miles: 'far' }] }, 'legs.1.miles: '],
  ])('a wrong shape %s is named by its path', (_, of, path) => {
    const failure = failureOf(() => evaluate(of))
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'wrong-shape', message: expect.stringContaining(path) })
  })

  test.each<unknown>([Number.NaN, Infinity, '5'])('%s is no time', (time) => {
    expect(failureOf(() => evaluate(json, { time: () => time as number }))).toMatchObject({
      reason: 'invalid-time',
    })
  })

  test.each([undefined, null])('an id that is %s is not taken for a definition without one', (id) => {
    const absent: unknown = id
    const failure = failureOf(() => evaluate(json, { id: () => absent as string }))
    expect(failure).toMatchObject({ reason: 'invalid-key' })
  })

  test('a value that cannot be measured keeps the measure’s reason', () => {
    expect(failureOf(() => evaluate(json, { miles: () => 0.5 }))).toMatchObject({ reason: 'invalid-value' })
  })

  const thrown: unknown[] = [new Error('mine'), 'mine', undefined, Symbol('mine'), { toString: 'mine' }]
  test.each(thrown.map((value) => [typeof value, value]))('the author’s code throws a %s', (_, value) => {
    const failing = (): never => {
      throw value
    }
    for (const code of [{ id: failing }, { time: failing }, { key: failing }, { miles: failing }]) {
      const failure = failureOf(() => evaluate(json, code))
      expect(failure).toBeInstanceOf(RejectError)
      expect(failure).toMatchObject({ reason: 'pipeline-threw', cause: value })
    }
  })

  test('a schema that needs to wait rejects instead of letting anything pass', () => {
    const waiting = schema.refine(async () => true)
    const run = evaluator(waiting, {}, [['key', () => 'k']], [['count', count()]])
    expect(failureOf(() => run(json))).toMatchObject({ reason: 'pipeline-threw' })
  })
})
