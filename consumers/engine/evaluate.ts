import type * as z from 'zod'
import { RejectError } from './errors.ts'
import type { Key } from './keys.ts'
import type { AnyMeasure, State } from './measures/measure.ts'

/** What a pipeline's definition says of one event. */
export interface EvaluatedEvent {
  /** `undefined` where the place in the stream stands in. */
  readonly id: Key | undefined
  /** `undefined` where the arrival stands in; epoch milliseconds. */
  readonly timeMs: number | undefined
  /** Its key in each grouping, in the groupings' order. */
  readonly keys: readonly Key[]
  /** Its state in each measure, in the measures' order. */
  readonly states: readonly State[]
}

type Named<T> = readonly (readonly [name: string, value: T])[]

/**
 * Binds a definition to its schema: the result validates decoded JSON and runs the author's code on the event, once.
 * It throws nothing but RejectError: `wrong-shape`, `invalid-time`, `invalid-value`, or `pipeline-threw` for what the
 * author's code throws.
 */
export function evaluator<Event>(
  schema: z.ZodType<Event>,
  identity: {
    readonly id?: ((event: Event) => Key) | undefined
    readonly time?: ((event: Event) => number) | undefined
  },
  groupings: Named<(event: Event) => Key>,
  measures: Named<AnyMeasure<Event>>,
): (json: unknown) => EvaluatedEvent {
  return (json) => {
    try {
      const event = parse(schema, json)
      return {
        id: identity.id && present(identity.id(event)),
        timeMs: identity.time && finiteTime(identity.time(event)),
        keys: groupings.map(([, keyOf]) => keyOf(event)),
        states: measures.map(([, measure]) => measure.lift(event)),
      }
    } catch (error) {
      if (error instanceof RejectError) throw error
      throw new RejectError('pipeline-threw', textOf(error), { cause: error })
    }
  }
}

function parse<Event>(schema: z.ZodType<Event>, json: unknown): Event {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new RejectError(
    'wrong-shape',
    `${issue?.path.join('.') || 'the event'}: ${issue?.message ?? 'invalid'}`,
  )
}

/** An event without an id may be any event: it must not be taken for one that names itself by its place. */
function present(id: Key | null | undefined): Key {
  if (id === undefined || id === null) throw new RejectError('invalid-key', 'the event has no id')
  return id
}

function finiteTime(timeMs: number): number {
  if (Number.isFinite(timeMs)) return timeMs
  throw new RejectError('invalid-time', 'the event time is not a finite number')
}

/** Even an object that refuses to become a text is no reason to fail the whole batch. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return `the pipeline's code threw an ${typeof thrown} without a text`
  }
}
