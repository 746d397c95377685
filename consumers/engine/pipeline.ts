import type * as z from 'zod'
import { checkDefinition, type Definition, fingerprint, refusal } from './definition.ts'
import { changeEvaluator, type ChangeFacts, eventEvaluator, type Evaluator } from './evaluate.ts'
import type { Key } from './keys.ts'
import type { Algebra, AnyMeasure, AnyRetractableMeasure, Measure } from './measures/measure.ts'
import {
  expiryMarginMs,
  hours,
  type Lifetimes,
  longestInvocationMs,
  maximumClockSkewMs,
  minutes,
  type Window,
} from './windows.ts'

export { count } from './measures/count.ts'
export { distinct } from './measures/distinct.ts'
export { max, min } from './measures/extremes.ts'
export { first, last } from './measures/first-last.ts'
export { histogram } from './measures/histogram.ts'
export { mean } from './measures/mean.ts'
export { quantiles } from './measures/quantiles.ts'
export { ratio } from './measures/ratio.ts'
export { sum } from './measures/sum.ts'
export { standardDeviation, variance } from './measures/variance.ts'
export { hopping, hours, minutes, seconds, tumbling } from './windows.ts'

type Groupings<Event> = Readonly<Record<string, (event: Event) => Key>>

/**
 * How events are told apart and dated. With an `id`, a producer's own repeats count once; then `time` must come from
 * the payload too, and the same id must always come with the same time and the same routing key. Without an `id` the
 * place in the stream stands in, and a record that its producer sends twice counts twice. Without a `time` the time
 * at which the stream took the record stands in.
 */
type Identity<Event> =
  | { readonly id: (event: Event) => Key; readonly time: (event: Event) => number }
  | { readonly id?: undefined; readonly time?: (event: Event) => number }

/**
 * A definition that replaces another one. Events before `effectiveFrom` go on being counted by the predecessor, so no
 * pane is ever split, and windows before it are read as it counted them. Its deployment has to end before that time, by
 * the allowed future skew, the functions' time-out and some seconds; ship both until the predecessor's last pane has
 * expired.
 */
type Succession =
  | {
      /** Epoch milliseconds on a boundary of both definitions' panes, later than the deployment. */
      readonly effectiveFrom: number
      /** The definition that was in force until then: of the same name, with the same id and time. */
      readonly predecessor: Pipeline
    }
  | { readonly effectiveFrom?: undefined; readonly predecessor?: undefined }

/** What all pipelines have in common. Durations are milliseconds: `minutes(5)`. */
type CommonOptions<Event, G extends Groupings<Event>, M> = Succession & {
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
  /** Cells per pane; as many as the stream has shards is the right start. Default 4. */
  readonly buckets?: number
  /** Groups that one cell may hold, over all groupings; events that would add more are rejected. Default 2,000. */
  readonly maximumGroups?: number
}

/** What the author of a pipeline of events writes. */
export type PipelineOptions<
  Event,
  G extends Groupings<Event>,
  M extends Readonly<Record<string, AnyMeasure<Event, keyof G & string>>>,
> = CommonOptions<Event, G, M> &
  Identity<Event> & {
    /** Counts only events for which this holds. The others are done with, and are no rejects. Default: all. */
    readonly where?: (event: Event) => boolean
    /**
     * The grouping whose key decides an event's cell; it should be what producers use as partition key. A key of it is
     * read from one cell a pane. Default: the record's partition key decides, and every key is read from all buckets.
     */
    readonly bucketBy?: keyof G & string
  }

/** A measure's algebra under the name that its author gave it. */
export interface NamedMeasure extends Algebra {
  readonly name: string
  readonly on?: readonly string[] | undefined
}

/** A checked definition: all that the engine, the reader and the infrastructure need to know of a pipeline. */
export interface Pipeline<Grouping extends string = string, M = unknown> extends Lifetimes {
  readonly name: string
  /** Validates decoded JSON and works out what the event adds. Throws RejectError. */
  readonly evaluate: Evaluator
  readonly allowedFutureSkewMs: number
  /** Sorted: the order in which a cell holds them. */
  readonly groupings: readonly string[]
  /** Sorted by name. */
  readonly measures: readonly NamedMeasure[]
  /** Per grouping the measures that it keeps: the order in which a group's states are held. */
  readonly keptMeasures: readonly (readonly NamedMeasure[])[]
  readonly bucketBy: string | undefined
  readonly buckets: number
  readonly maximumGroups: number
  /** Its functions run for no longer, milliseconds; checked where they are defined. */
  readonly longestInvocationMs: number
  /** By how much its retention has to exceed its functions' time-out, milliseconds; checked where they are defined. */
  readonly retentionMarginMs: number
  /** Events of this time and later are counted by this definition; -Infinity without a predecessor. */
  readonly effectiveFromMs: number
  readonly predecessor: Pipeline | undefined
  readonly hasId: boolean
  readonly hasTime: boolean
  /** Its events are changes of rows, and groups from which all was taken back vanish. */
  readonly retracts: boolean
  /**
   * Names everything that decides what a cell holds, but for the author's code; part of every address, so definitions
   * that differ never share a cell.
   */
  readonly fingerprint: string
  /** Carries the types of what is read; never set. */
  readonly types?: { readonly grouping: Grouping; readonly measures: M }
}

/** Whether a grouping keeps a measure: by its type. */
type Keeps<EachMeasure, Grouping extends string> =
  EachMeasure extends Measure<never, infer _State, infer _Result, infer On>
    ? [On] extends [never]
      ? true
      : Grouping extends On
        ? true
        : false
    : false

/** The values of one group of a grouping, typed from the definition. */
export type Values<M, Grouping extends string = string> = {
  readonly [Name in keyof M as Keeps<M[Name], Grouping> extends true ? Name : never]: M[Name] extends Measure<
    never,
    infer _State,
    infer Result,
    infer _On
  >
    ? Result
    : never
}

/**
 * Defines a pipeline of events: `schema` decodes and types them, everything after it is checked against them.
 * @throws DefinitionError with what to change, for a definition that could not work.
 *
 * @example
 * ```ts
 * const pageViews = definePipeline(pageViewSchema, {
 *   name: 'page-views',
 *   id: (view) => view.viewId,
 *   time: (view) => view.at,
 *   window: tumbling(minutes(1)),
 *   groupBy: { page: (view) => view.page },
 *   measures: { views: count(), longestMs: max((view) => view.durationMs) },
 *   bucketBy: 'page',
 * })
 * ```
 */
export function definePipeline<
  Event,
  const G extends Groupings<Event>,
  const M extends Readonly<Record<string, AnyMeasure<Event, keyof G & string>>>,
>(schema: z.ZodType<Event>, options: PipelineOptions<Event, G, M>): Pipeline<keyof G & string, M> {
  // The types refuse this already; what comes from plain JavaScript is refused here.
  if (options.id !== undefined && options.time === undefined) {
    throw refusal(
      options.name,
      'an id needs a time from the payload: a repeat arrives later, in another window',
    )
  }
  const code = { ...codeOf<Event, AnyMeasure<Event>>(options), where: options.where }
  const bucketBy = code.groupings.findIndex(([name]) => name === options.bucketBy)
  const identity = { id: options.id, time: options.time, bucketBy }
  return complete({
    ...commonDefinition(options, code),
    evaluate: eventEvaluator(schema, identity, code),
    bucketBy: options.bucketBy,
    hasId: options.id !== undefined,
    hasTime: options.time !== undefined,
    retracts: false,
  })
}

/** What the author of a pipeline of changes writes: of measures only those that can take back what they added. */
export type ChangePipelineOptions<
  Row,
  G extends Groupings<Row>,
  M extends Readonly<Record<string, AnyRetractableMeasure<Row, keyof G & string>>>,
> = CommonOptions<Row, G, M> & {
  /**
   * Counts only rows for which this holds: it is asked for either image, and one that it leaves out counts as none.
   * `change.expired` is true where the table's own time to live deleted the row: `(_, { expired }) => !expired` keeps what
   * such rows have added. In a replica of a global table only deletes of the table's own region are told (DynamoDB's
   * developer guide, "DynamoDB Streams and Time to Live"). Default: all.
   */
  readonly where?: (row: Row, change: ChangeFacts) => boolean
}

/**
 * Defines a pipeline of changes to the rows of a table: each takes back what the old image added and adds what the new
 * one does, so a window holds the net change in it. A change's place in its stream is its identity, its arrival its
 * time, and the row's key its routing key.
 * @throws DefinitionError with what to change, for a definition that could not work.
 *
 * @example
 * ```ts
 * const orders = defineChangePipeline(orderSchema, {
 *   name: 'orders',
 *   window: tumbling(minutes(1)),
 *   groupBy: { status: (order) => order.status },
 *   measures: { orders: count(), sales: sum((order) => order.sales, { decimals: 2 }) },
 * })
 * ```
 */
export function defineChangePipeline<
  Row,
  const G extends Groupings<Row>,
  const M extends Readonly<Record<string, AnyRetractableMeasure<Row, keyof G & string>>>,
>(schema: z.ZodType<Row>, options: ChangePipelineOptions<Row, G, M>): Pipeline<keyof G & string, M> {
  for (const [name, measure] of Object.entries(options.measures)) {
    if (typeof measure.negate === 'function') continue
    throw refusal(
      options.name,
      `${name} cannot take back what it added: use count, sum, mean, variance or histogram`,
    )
  }
  const code = { ...codeOf<Row, AnyRetractableMeasure<Row>>(options), where: options.where }
  return complete({
    ...commonDefinition(options, code),
    evaluate: changeEvaluator(schema, code),
    bucketBy: undefined,
    hasId: false,
    hasTime: false,
    retracts: true,
  })
}

function codeOf<Event, M extends AnyMeasure<Event>>(options: {
  readonly name: string
  readonly groupBy: Groupings<Event>
  readonly measures: Readonly<Record<string, M>>
}) {
  const groupings = Object.entries(options.groupBy).sort(byName)
  const measures = Object.entries(options.measures).sort(byName)
  const kept = groupings.map(([grouping]) =>
    [...measures.keys()].filter((index) => measures[index]?.[1].on?.includes(grouping) ?? true),
  )
  return { name: options.name, groupings, measures, kept }
}

function commonDefinition<Event>(
  options: CommonOptions<Event, Groupings<Event>, unknown>,
  { groupings, measures, kept }: ReturnType<typeof codeOf<Event, AnyMeasure<Event>>>,
) {
  const named = measures.map(([name, measure]): NamedMeasure => ({ ...measure, name }))
  return {
    name: options.name,
    window: options.window,
    allowedLatenessMs: options.allowedLateness ?? minutes(5),
    allowedFutureSkewMs: options.allowedFutureSkew ?? minutes(1),
    maximumRecordAgeMs: options.maximumRecordAge ?? hours(1),
    retentionMs: options.retention ?? hours(6),
    groupings: groupings.map(([name]) => name),
    measures: named,
    keptMeasures: kept.map((indexes) => named.filter((_, index) => indexes.includes(index))),
    buckets: options.buckets ?? 4,
    maximumGroups: options.maximumGroups ?? 2_000,
    longestInvocationMs,
    retentionMarginMs: expiryMarginMs + maximumClockSkewMs,
    effectiveFromMs: options.effectiveFrom ?? -Infinity,
    predecessor: options.predecessor,
  }
}

function complete<Grouping extends string, M>(definition: Definition): Pipeline<Grouping, M> {
  checkDefinition(definition)
  return { ...definition, fingerprint: fingerprint(definition) }
}

/** By code units, so that the order is the same in every locale and however the definition was written down. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}
