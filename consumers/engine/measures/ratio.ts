import { DefinitionError } from '../errors.ts'
import type { DecimalText } from './decimals.ts'
import {
  type Measure,
  type MeasureOptions,
  type RetractableMeasure,
  type State,
  withOptions,
} from './measure.ts'

type Dividable = number | bigint | DecimalText | undefined
type Term<Event> = Measure<Event, State, Dividable>
type RetractableTerm<Event> = RetractableMeasure<Event, State, Dividable>
type RatioState = readonly [numerator: State, denominator: State]

/**
 * One measure's result over another's, as doubles; `undefined` where the one above is, and where the one below is zero
 * or `undefined`. Retractable where both are. Which groupings it is kept for is said here and not in either of the two.
 * @throws DefinitionError where one of the two names groupings of its own.
 */
export function ratio<Event, const On extends string = never>(
  numerator: RetractableTerm<Event>,
  denominator: RetractableTerm<Event>,
  options?: MeasureOptions<Event, On>,
): RetractableMeasure<Event, RatioState, number | undefined, NoInfer<On>>
export function ratio<Event, const On extends string = never>(
  numerator: Term<Event>,
  denominator: Term<Event>,
  options?: MeasureOptions<Event, On>,
): Measure<Event, RatioState, number | undefined, NoInfer<On>>
export function ratio<Event, const On extends string = never>(
  numerator: Term<Event>,
  denominator: Term<Event>,
  options: MeasureOptions<Event, On> = {},
): Measure<Event, RatioState, number | undefined, NoInfer<On>> {
  if (numerator.on !== undefined || denominator.on !== undefined) {
    throw new DefinitionError(
      'a ratio is kept for the groupings that it names itself: move `on` to its own options',
    )
  }
  const terms = [numerator, denominator]
  const measure: Measure<Event, RatioState, number | undefined> = {
    // As JSON, because kinds are texts of any form: two pairs never make one text.
    kind: JSON.stringify(['ratio', numerator.kind, denominator.kind]),
    maximumStateBytes: 1 + numerator.maximumStateBytes + denominator.maximumStateBytes,
    empty: [numerator.empty, denominator.empty],
    lift: (event, occurrence) => [numerator.lift(event, occurrence), denominator.lift(event, occurrence)],
    merge: (a, b) => [numerator.merge(a[0], b[0]), denominator.merge(a[1], b[1])],
    ...(isRetractable(numerator) &&
      isRetractable(denominator) && {
        negate: (state: RatioState): RatioState => [numerator.negate(state[0]), denominator.negate(state[1])],
      }),
    stateBytes: (state) =>
      terms.reduce((bytes, term, index) => bytes + stateBytesOf(term, state[index] ?? term.empty), 1),
    result: (state) => {
      const above = numerator.result(state[0])
      const below = denominator.result(state[1])
      if (above === undefined || below === undefined) return undefined
      // Adding zero makes a negative zero positive.
      const quotient = Number(above) / Number(below) + 0
      return Number.isFinite(quotient) ? quotient : undefined
    },
  }
  return withOptions(measure, options)
}

function isRetractable<Event>(measure: Term<Event>): measure is RetractableTerm<Event> {
  return 'negate' in measure
}

function stateBytesOf<Event>(term: Term<Event>, state: State): number {
  return term.stateBytes?.(state) ?? term.maximumStateBytes
}
