import { RejectError } from '../errors.ts'
import { finite, maximumNumberBytes, type Measure, type MeasureOptions, withOptions } from './measure.ts'

type Taken<Value> = readonly [timeMs: number, high: number, middle: number, low: number, value: Value]
/** Nothing, or the one value with its event's time and id. */
type TakenState<Value> = readonly [] | Taken<Value>

const maximumTextBytes = 256
const textHeaderBytes = 3
/** A list's header, the time, and three words of 32 bits with theirs. */
const placeBytes = 1 + maximumNumberBytes + 3 * 5

/**
 * The value of the earliest event by event time; of several at one time, that with the lowest id. `undefined` of no
 * events. A number that is not finite, and a text that is not well-formed or takes more than 256 bytes of UTF-8, rejects
 * its record.
 */
export function first<Event, Value extends number | string, const On extends string = never>(
  value: (event: Event) => Value,
  options: MeasureOptions<Event, On> = {},
): Measure<Event, TakenState<Value>, Value | undefined, NoInfer<On>> {
  return withOptions(
    taken('first', value, (a, b) => compare(a, b) <= 0),
    options,
  )
}

/** The value of the latest event by event time; of several at one time, that with the highest id. Else like `first`. */
export function last<Event, Value extends number | string, const On extends string = never>(
  value: (event: Event) => Value,
  options: MeasureOptions<Event, On> = {},
): Measure<Event, TakenState<Value>, Value | undefined, NoInfer<On>> {
  return withOptions(
    taken('last', value, (a, b) => compare(a, b) >= 0),
    options,
  )
}

function taken<Event, Value extends number | string>(
  kind: string,
  value: (event: Event) => Value,
  wins: (a: Taken<Value>, b: Taken<Value>) => boolean,
): Measure<Event, TakenState<Value>, Value | undefined> {
  return {
    kind,
    maximumStateBytes: placeBytes + textHeaderBytes + maximumTextBytes,
    empty: [],
    // Adding zero makes a negative zero positive, so that equal times are equal bytes.
    lift: (event, { timeMs, id }) => [timeMs + 0, id[0], id[1], id[2], storable(value(event))],
    merge: (a, b) => {
      if (a.length === 0) return b
      return b.length === 0 || wins(a, b) ? a : b
    },
    stateBytes: (state) => {
      if (state.length === 0) return 1
      const [, , , , held] = state
      return (
        placeBytes +
        (typeof held === 'string' ? textHeaderBytes + Buffer.byteLength(held) : maximumNumberBytes)
      )
    },
    result: ([, , , , held]) => held,
  }
}

/** Below zero where `a` comes first. */
function compare(a: Taken<number | string>, b: Taken<number | string>): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3] || compareValues(a[4], b[4])
}

/** Events of one id are one event, unless a producer breaks its word; even then the order of merging decides nothing. */
function compareValues(a: number | string, b: number | string): number {
  if (a === b) return 0
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}

function storable<Value extends number | string>(value: Value): Value {
  if (typeof value !== 'string') return finite(value) as Value
  if (value.isWellFormed() && Buffer.byteLength(value) <= maximumTextBytes) return value
  throw new RejectError(
    'invalid-value',
    `a text is not well-formed, or takes more than ${maximumTextBytes} bytes`,
  )
}
