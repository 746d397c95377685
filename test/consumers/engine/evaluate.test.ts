import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { RejectError } from '../../../consumers/engine/errors.ts'
import {
  type Arrival,
  eventEvaluator,
  type Evaluator,
  type RoutedContribution,
} from '../../../consumers/engine/evaluate.ts'
import { eventId, positionKey } from '../../../consumers/engine/identity.ts'
import { encodeKey } from '../../../consumers/engine/keys.ts'
import { count } from '../../../consumers/engine/measures/count.ts'
import { sum } from '../../../consumers/engine/measures/sum.ts'
import { position } from './departures.ts'

const schema = z.object({ id: z.string(), at: z.number(), legs: z.array(z.object({ miles: z.number() })) })
const json = { id: 'a', at: 5, legs: [{ miles: 7 }] }

interface Code {
  readonly bucketBy?: number
  readonly where?: (event: z.infer<typeof schema>) => boolean
  readonly id?: (event: z.infer<typeof schema>) => string
  readonly time?: (event: z.infer<typeof schema>) => number
  readonly key?: (event: z.infer<typeof schema>) => string
  readonly miles?: (event: z.infer<typeof schema>) => number
}

const arrival: Arrival = { position, partitionKey: 'p', arrivalMs: 9 }

function evaluatorOf(code: Code, of: typeof schema = schema): Evaluator {
  const { id, time, key = (event) => event.id, miles = (event) => event.legs[0]?.miles ?? 0 } = code
  return eventEvaluator(
    of,
    { id, time, bucketBy: code.bucketBy ?? -1 },
    {
      name: 'trips',
      where: code.where,
      groupings: [
        ['key', key],
        ['upper', (event) => [key(event).toUpperCase(), 'x']],
      ],
      measures: [
        ['count', count()],
        ['miles', sum(miles)],
      ],
      kept: [[0, 1], [1]],
    },
  )
}

/** The event with all that it adds. */
function evaluate(
  of: unknown,
  code: Code = {},
): { readonly timeMs: number; readonly contribution: RoutedContribution | undefined } {
  const event = evaluatorOf(code)(of, arrival)
  return { timeMs: event.timeMs, contribution: event.contribute() }
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

function unasked(): never {
  throw new Error('asked')
}

describe('an event', () => {
  const named: Code = { id: (event) => event.id, time: (event) => event.at }

  test('is its time, its id and what it adds to each grouping, in the definition’s order', () => {
    expect(evaluate(json, named)).toEqual({
      timeMs: 5,
      contribution: {
        id: eventId('trips', 'a'),
        shares: [[{ key: 'a', states: [1, 7] }], [{ key: 'A|x', states: [7] }]],
        routingKey: 'p',
      },
    })
  })

  test('takes its place and arrival where the definition gives no id and no time', () => {
    expect(evaluate(json)).toMatchObject({
      timeMs: 9,
      contribution: { id: eventId('trips', encodeKey(positionKey(position))) },
    })
  })

  test('is routed by the key of the grouping bucketed by', () => {
    expect(evaluate(json, { bucketBy: 0 }).contribution?.routingKey).toBe('a')
    expect(evaluate(json, { bucketBy: 1 }).contribution?.routingKey).toBe('A|x')
  })

  test('that the pipeline leaves out has a time and adds nothing; nothing more is asked of it', () => {
    const out: Code = { ...named, id: unasked, key: unasked, where: (event) => event.id !== 'a' }
    expect(evaluate(json, out)).toEqual({ timeMs: 5, contribution: undefined })
    expect(
      evaluate({ ...json, id: 'b' }, { ...named, ...(out.where && { where: out.where }) }).contribution,
    ).toBeDefined()
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
    for (const code of [
      { id: failing },
      { time: failing },
      { key: failing },
      { miles: failing },
      { where: failing },
    ]) {
      const failure = failureOf(() => evaluate(json, code))
      expect(failure).toBeInstanceOf(RejectError)
      expect(failure).toMatchObject({ reason: 'pipeline-threw', cause: value })
    }
  })

  test('a schema that needs to wait rejects instead of letting anything pass', () => {
    const waiting = schema.refine(async () => true)
    const run = evaluatorOf({}, waiting)
    expect(failureOf(() => run(json, arrival))).toMatchObject({ reason: 'pipeline-threw' })
  })
})
