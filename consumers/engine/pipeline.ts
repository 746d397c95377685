import { hash } from 'node:crypto'
import type * as z from 'zod'
import { DefinitionError } from './errors.ts'
import { type EvaluatedEvent, evaluator } from './evaluate.ts'
import type { Key } from './keys.ts'
import type { Algebra, AnyMeasure, Measure } from './measures/measure.ts'
import {
  expiryMarginMs,
  hours,
  type Lifetimes,
  maximumClockSkewMs,
  maximumLifetimeMs,
  minutes,
  type Window,
} from './windows.ts'

export { count } from './measures/count.ts'
export { max, min } from './measures/extremes.ts'
export { mean } from './measures/mean.ts'
export { sum } from './measures/sum.ts'
export { hours, minutes, seconds, tumbling } from './windows.ts'

type Groupings<Event> = Readonly<Record<string, (event: Event) => Key>>
type Measures<Event> = Readonly<Record<string, AnyMeasure<Event>>>

/**
 * How events are told apart and dated. With an `id`, a producer's own repeats count once; then `time` must come from
 * the payload too, and the same id must always come with the same time and the same routing key. Without an `id` the
 * place in the stream stands in, and a record that its producer sends twice counts twice. Without a `time` the time
 * at which the stream took the record stands in.
 */
type Identity<Event> =
  | { readonly id: (event: Event) => Key; readonly time: (event: Event) => number }
  | { readonly id?: undefined; readonly time?: (event: Event) => number }

/** What the author of a pipeline writes. Durations are milliseconds: `minutes(5)`. */
export type PipelineOptions<
  Event,
  G extends Groupings<Event>,
  M extends Measures<Event>,
> = Identity<Event> & {
  /** kebab-case. Part of every event's id and every cell's address: another name is another pipeline. */
  readonly name: string
  readonly window: Window
  /** A record that arrives longer than this after its event time is rejected as late. Default 5 minutes. */
  readonly allowedLateness?: number
  /** A record whose event time lies longer than this after its arrival is rejected. Default 1 minute. */
  readonly allowedFutureSkew?: number
  /** The mapping gives up records older than this; the infrastructure reads it here. Default 1 hour. */
  readonly maximumRecordAge?: number
  /** How long results stay readable after the last delivery that could change them. Default 6 hours. */
  readonly retention?: number
  readonly groupBy: G
  readonly measures: M
  /**
   * The grouping whose key decides an event's cell; it should be what producers use as partition key. A key of it is
   * read from one cell a pane. Default: the record's partition key decides, and every key is read from all buckets.
   */
  readonly bucketBy?: keyof G & string
  /** Cells per pane; as many as the stream has shards is the right start. Default 4. */
  readonly buckets?: number
  /** Groups that one cell may hold, over all groupings; events that would add more are rejected. Default 2,000. */
  readonly maximumGroups?: number
}

/** A checked definition: all that the engine, the reader and the infrastructure need to know of a pipeline. */
export interface Pipeline<Grouping extends string = string, M = unknown> extends Lifetimes {
  readonly name: string
  /** Validates decoded JSON and works out what the event adds. Throws RejectError. */
  readonly evaluate: (json: unknown) => EvaluatedEvent
  readonly allowedFutureSkewMs: number
  /** Sorted: the order in which a cell holds them. */
  readonly groupings: readonly string[]
  /** Sorted by name: the order in which a group's state holds them. */
  readonly measures: readonly (readonly [name: string, algebra: Algebra])[]
  readonly bucketBy: string | undefined
  readonly buckets: number
  readonly maximumGroups: number
  /** The retention is at least this and the function's time-out; checked where the function is. */
  readonly minimumRetentionMs: number
  /** Names everything that decides what a cell holds; part of every address, so two definitions never share a cell. */
  readonly fingerprint: string
  /** Carries the types of what is read; never set. */
  readonly types?: { readonly grouping: Grouping; readonly measures: M }
}

/** The values of one group, typed from the definition. */
export type Values<M> = {
  readonly [Name in keyof M]: M[Name] extends Measure<never, infer _State, infer Result> ? Result : never
}

const maximumBuckets = 1_024
/** The bounds that Lambda sets to a mapping's record age (its API reference, MaximumRecordAgeInSeconds). */
const recordAgeBoundsMs = { least: minutes(1), most: hours(24 * 7) }
/** Segments and clocks outlive a head by this much. */
const lifetimeSlackMs = minutes(10)
/**
 * Defines a pipeline: `schema` decodes and types its events, everything after it is checked against them.
 * @throws DefinitionError with what to change, for a definition that could not work.
 */
export function definePipeline<Event, const G extends Groupings<Event>, const M extends Measures<Event>>(
  schema: z.ZodType<Event>,
  options: PipelineOptions<Event, G, M>,
): Pipeline<keyof G & string, M> {
  const groupings = Object.entries(options.groupBy).sort(byName)
  const measures = Object.entries(options.measures).sort(byName)
  const definition = {
    name: options.name,
    evaluate: evaluator(schema, options, groupings, measures),
    window: options.window,
    allowedLatenessMs: options.allowedLateness ?? minutes(5),
    allowedFutureSkewMs: options.allowedFutureSkew ?? minutes(1),
    maximumRecordAgeMs: options.maximumRecordAge ?? hours(1),
    retentionMs: options.retention ?? hours(6),
    groupings: groupings.map(([name]) => name),
    measures,
    bucketBy: options.bucketBy,
    buckets: options.buckets ?? 4,
    maximumGroups: options.maximumGroups ?? 2_000,
    minimumRetentionMs: minimumRetentionMs(options.window),
  }
  // The types refuse this already; what comes from plain JavaScript is refused here.
  if (options.id !== undefined && options.time === undefined) {
    throw refusal(
      options.name,
      'an id needs a time from the payload: a repeat arrives later, in another window',
    )
  }
  check(definition)
  return { ...definition, fingerprint: fingerprint(definition) }
}

type Definition = Omit<Pipeline, 'fingerprint'>

function refusal(name: string, message: string): DefinitionError {
  return new DefinitionError(`pipeline ${JSON.stringify(name)}: ${message}`)
}

function check(definition: Definition): void {
  const { name, window, groupings, measures, bucketBy, buckets, maximumGroups } = definition
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 64) {
    throw refusal(name, 'a name is kebab-case, such as page-views, of at most 64 characters')
  }
  const durations: readonly [option: string, durationMs: number, leastMs: number, mostMs: number][] = [
    ['allowedLateness', definition.allowedLatenessMs, 0, maximumLifetimeMs],
    ['allowedFutureSkew', definition.allowedFutureSkewMs, 0, maximumLifetimeMs],
    ['maximumRecordAge', definition.maximumRecordAgeMs, recordAgeBoundsMs.least, recordAgeBoundsMs.most],
    ['retention', definition.retentionMs, definition.minimumRetentionMs, maximumLifetimeMs],
  ]
  for (const [option, durationMs, leastMs, mostMs] of durations) {
    if (durationMs % 1_000 !== 0 || !(durationMs >= leastMs && durationMs <= mostMs)) {
      const bounds = `from ${leastMs / 1_000} s to ${mostMs / 1_000} s`
      throw refusal(name, `${option} is whole seconds ${bounds}, written in milliseconds; not ${durationMs}`)
    }
  }
  const { allowedFutureSkewMs, allowedLatenessMs, maximumRecordAgeMs, retentionMs } = definition
  const lifetimeMs =
    window.paneMs +
    allowedFutureSkewMs +
    allowedLatenessMs +
    maximumRecordAgeMs +
    retentionMs +
    lifetimeSlackMs
  if (lifetimeMs > maximumLifetimeMs) {
    const lifetime = `its cells would live ${(lifetimeMs / hours(1)).toFixed(1)} h, and the cache keeps an item 24 h`
    throw refusal(name, `${lifetime}: shorten retention, maximumRecordAge or allowedLateness`)
  }
  if (groupings.length === 0) throw refusal(name, 'groupBy names no grouping')
  if (measures.length === 0) throw refusal(name, 'measures names no measure')
  if (bucketBy !== undefined && !groupings.includes(bucketBy)) {
    throw refusal(name, `bucketBy names no grouping: ${bucketBy}`)
  }
  if (!Number.isSafeInteger(buckets) || buckets < 1 || buckets > maximumBuckets) {
    throw refusal(name, `buckets is a whole number from 1 to ${maximumBuckets}`)
  }
  if (!Number.isSafeInteger(maximumGroups) || maximumGroups < 1) {
    throw refusal(name, 'maximumGroups is a whole number above 0')
  }
}

/**
 * A write that was decided in time may be made as late as margin and skew allow; and a window's first pane, which ends
 * long before the window does, has to be there still when the window closes, or none would ever be final and complete.
 */
function minimumRetentionMs({ sizeMs, paneMs }: Window): number {
  return sizeMs - paneMs + expiryMarginMs + maximumClockSkewMs
}

function fingerprint({ window, buckets, bucketBy, groupings, measures }: Definition): string {
  const kinds = measures.map(([name, { kind }]) => [name, kind])
  const decisive = [window.paneMs, buckets, bucketBy ?? null, groupings, kinds]
  return hash('sha256', JSON.stringify(decisive), 'hex').slice(0, 16)
}

/** By code units, so that the order is the same in every locale and however the definition was written down. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
