import type * as z from 'zod'
import type { Contribution, Share } from './cell.ts'
import { RejectError } from './errors.ts'
import { eventId, positionKey } from './identity.ts'
import { encodeKey, type Key, routingText } from './keys.ts'
import type { AnyMeasure, AnyRetractableMeasure, Occurrence, State } from './measures/measure.ts'
import type { SourceRecord } from './ports.ts'

/** What is known of a record besides its payload, and stands in for what a payload does not say. */
export type Arrival = Pick<SourceRecord, 'position' | 'partitionKey' | 'arrivalMs'>

/** A valid event, of which so far only its time was asked. */
export interface DatedEvent {
  /** Event time, epoch milliseconds. */
  readonly timeMs: number
  /** What it adds, and where; `undefined` where the pipeline's `where` leaves it out. */
  contribute(): RoutedContribution | undefined
}

export interface RoutedContribution extends Contribution {
  /** Decides the bucket. */
  readonly routingKey: string
  /** The record is to be rejected all the same: this is only what it takes back. */
  readonly refusal?: RejectError
}

/**
 * A definition bound to its schema. It throws nothing but RejectError: `wrong-shape`, `invalid-time`, `invalid-key`,
 * `invalid-value`, or `pipeline-threw` for what the author's code throws.
 */
export type Evaluator = (json: unknown, arrival: Arrival) => DatedEvent

type Named<T> = readonly (readonly [name: string, value: T])[]

/** What a change says besides its images. */
export interface ChangeFacts {
  /** The table's own time to live deleted the row, and no user. */
  readonly expired: boolean
}

/** What of a definition is code of its author's; `where` gets what `Facts` are, or nothing. */
export interface EventCode<Event, M extends AnyMeasure<Event>, Facts extends readonly unknown[] = []> {
  readonly name: string
  readonly where: ((event: Event, ...facts: Facts) => boolean) | undefined
  readonly groupings: Named<(event: Event) => Key>
  readonly measures: Named<M>
  /** Per grouping the indexes of the measures that it keeps. */
  readonly kept: readonly (readonly number[])[]
}

/** How events tell who they are and when they happened. */
export interface EventIdentity<Event> {
  readonly id: ((event: Event) => Key) | undefined
  readonly time: ((event: Event) => number) | undefined
  /** The index of the grouping whose key is the routing key, or -1 for the record's partition key. */
  readonly bucketBy: number
}

/** Every record is one event, which adds to one group of each grouping. */
export function eventEvaluator<Event>(
  schema: z.ZodType<Event>,
  identity: EventIdentity<Event>,
  code: EventCode<Event, AnyMeasure<Event>>,
): Evaluator {
  const keyFunctions = code.groupings.map(([, keyOf]) => keyOf)
  const measures = code.measures.map(([, measure]) => measure)
  const contributionOf = (event: Event, timeMs: number, arrival: Arrival): RoutedContribution | undefined => {
    if (code.where !== undefined && !code.where(event)) return undefined
    const key = identity.id === undefined ? positionKey(arrival.position) : present(identity.id(event))
    const id = eventId(code.name, encodeKey(key))
    const keys = keyFunctions.map((keyOf) => keyOf(event))
    // Before anything else is made of a key: whatever is no text or list of texts is rejected here.
    const encoded = keys.map(encodeKey)
    const occurrence = { id, timeMs }
    const states = measures.map((measure) => measure.lift(event, occurrence))
    const bucketKey = keys[identity.bucketBy]
    return {
      id,
      shares: encoded.map((each, grouping) => [{ key: each, states: pick(states, code.kept[grouping]) }]),
      routingKey: bucketKey === undefined ? arrival.partitionKey : routingText(bucketKey),
    }
  }
  return (json, arrival) =>
    rejecting(() => {
      const event = parse(schema, json)
      const timeMs = identity.time === undefined ? arrival.arrivalMs : finiteTime(identity.time(event))
      return {
        timeMs,
        // A method: a function with a name of its own, of which there is one an event, costs the bundle as much as a hash.
        contribute() {
          return rejecting(() => contributionOf(event, timeMs, arrival))
        },
      }
    })
}

/**
 * Every record is the change of one row, `{ old, new, expired }`: it takes back what the old image added and adds what
 * the new one does, all in one contribution. One of the images may be missing; `expired` is true where the table's time
 * to live deleted the row. The change's place in its stream is its identity, and its arrival its time.
 *
 * An image that is not valid counts as none, whichever side of a change it is on: so what a history of changes adds up to
 * is always the valid rows that are there. Where the new one is not valid the change is refused, and takes the old one
 * back all the same.
 */
export function changeEvaluator<Row>(
  schema: z.ZodType<Row>,
  code: EventCode<Row, AnyRetractableMeasure<Row>, [ChangeFacts]>,
): Evaluator {
  return (json, arrival) =>
    rejecting(() => {
      const images = imagesOf(json)
      const facts = { expired: images.expired === true }
      const timeMs = arrival.arrivalMs
      const contribute = (): RoutedContribution | undefined => {
        const id = eventId(code.name, encodeKey(positionKey(arrival.position)))
        const count = (image: unknown): CountedImage => countImage(image, schema, code, facts, { id, timeMs })
        const [before, after] = [count(images.old), count(images.new)]
        if (before.row === undefined && after.row === undefined) {
          const refusal = after.refusal ?? before.refusal
          if (refusal !== undefined) throw refusal
          return undefined
        }
        const shares = code.groupings.map(() => new Map<string, readonly State[]>())
        if (before.row !== undefined) addRow(shares, code, before.row, true)
        if (after.row !== undefined) addRow(shares, code, after.row, false)
        return {
          id,
          shares: shares.map((byKey): Share[] => Array.from(byKey, ([key, states]) => ({ key, states }))),
          routingKey: arrival.partitionKey,
          ...(after.refusal && { refusal: after.refusal }),
        }
      }
      return { timeMs, contribute: () => rejecting(contribute) }
    })
}

/** A row's keys, by grouping, and what it adds to each measure. */
interface CountedRow {
  readonly keys: readonly string[]
  readonly states: readonly State[]
}

/** What an image counts for: nothing where it is missing, left out, or not valid. */
interface CountedImage {
  readonly row: CountedRow | undefined
  readonly refusal?: RejectError
}

function countImage<Row>(
  image: unknown,
  schema: z.ZodType<Row>,
  { where, groupings, measures }: EventCode<Row, AnyRetractableMeasure<Row>, [ChangeFacts]>,
  facts: ChangeFacts,
  occurrence: Occurrence,
): CountedImage {
  if (image === undefined) return { row: undefined }
  try {
    return rejecting((): CountedImage => {
      const row = parse(schema, image)
      if (where !== undefined && !where(row, facts)) return { row: undefined }
      const keys = groupings.map(([, keyOf]) => encodeKey(keyOf(row)))
      return { row: { keys, states: measures.map(([, measure]) => measure.lift(row, occurrence)) } }
    })
  } catch (error) {
    if (error instanceof RejectError) return { row: undefined, refusal: error }
    throw error
  }
}

function addRow<Row>(
  shares: readonly Map<string, readonly State[]>[],
  code: Pick<EventCode<Row, AnyRetractableMeasure<Row>>, 'measures' | 'kept'>,
  row: CountedRow,
  isRetraction: boolean,
): void {
  const states = code.measures.map(([, measure], index) => {
    const state = row.states[index] ?? measure.empty
    return isRetraction ? measure.negate(state) : state
  })
  for (const [grouping, key] of row.keys.entries()) {
    const kept = code.kept[grouping] ?? []
    const held = shares[grouping]?.get(key)
    const merged = kept.map((index) => {
      const measure = code.measures[index]?.[1]
      const state = states[index] ?? 0
      return measure === undefined
        ? state
        : measure.merge(held?.[kept.indexOf(index)] ?? measure.empty, state)
    })
    shares[grouping]?.set(key, merged)
  }
}

function pick(states: readonly State[], indexes: readonly number[] | undefined): readonly State[] {
  if (indexes === undefined || indexes.length === states.length) return states
  return indexes.map((index) => states[index] ?? 0)
}

function rejecting<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof RejectError) throw error
    throw new RejectError('pipeline-threw', textOf(error), { cause: error })
  }
}

interface Images {
  readonly old?: unknown
  readonly new?: unknown
  readonly expired?: unknown
}

function imagesOf(json: unknown): Images {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
  const images: Images = isObject ? json : {}
  if (images.old === undefined && images.new === undefined)
    throw new RejectError('wrong-shape', 'a change has neither an old nor a new image')
  return images
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
  if (id === undefined || id === null || id === '')
    throw new RejectError('invalid-key', 'the event has no id')
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
