import type { Expression } from './expression.ts'
import {
  applyToSeries,
  choose,
  fill,
  numberFunctions,
  operators,
  reduce,
  reductions,
  seriesFunctions,
} from './metric-functions.ts'
import type { TimeRange } from './metric-slots.ts'
import { isList, mapValues, type TimeSeries, type Value } from './time-series.ts'

/** What the names in an expression stand for. */
export interface ExpressionScope {
  readonly range: TimeRange
  /** The query of that id, evaluated; throws if there is none. */
  query(id: string): Value
  /** The metrics of the request, no expressions, whose id has the text in it. */
  metrics(text: string): readonly TimeSeries[]
}

/**
 * Evaluates metric math: the operators, SUM, AVG, MIN, MAX, METRICS, FILL, IF, RATE, DIFF, PERIOD, ABS, CEIL and FLOOR, as
 * the Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics", says it.
 * @throws Error of one line for any other function, unknown names and values that do not fit
 */
export function evaluateExpression(expression: Expression, scope: ExpressionScope): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'text':
      throw new Error(`the text '${expression.value}' has no value`)
    case 'name':
      return scope.query(expression.name)
    case 'list':
      return expression.items.flatMap((item) => {
        const value = evaluateExpression(item, scope)
        if (typeof value === 'number') throw new Error('lists of numbers are not supported here')
        return isList(value) ? value : [value]
      })
    case 'operation': {
      const args = expression.args.map((arg) => evaluateExpression(arg, scope))
      return mapValues(args, operators[expression.operator])
    }
    default:
      return call(expression.name, expression.args, scope)
  }
}

function call(name: string, args: readonly Expression[], scope: ExpressionScope): Value {
  const value = (index: number): Value => {
    const arg = args[index]
    if (arg === undefined) throw new Error(`${name} lacks an argument`)
    return evaluateExpression(arg, scope)
  }
  const takes = (least: number, most = least): void => {
    if (args.length < least || args.length > most)
      throw new Error(
        `${name} takes ${least === most ? least : `${least} to ${most}`} argument${most === 1 ? '' : 's'}`,
      )
  }

  if (name === 'METRICS') {
    takes(0, 1)
    const [text] = args
    if (text !== undefined && text.kind !== 'text') throw new Error('METRICS takes a text')
    return scope.metrics(text?.value ?? '')
  }
  if (name === 'FILL') {
    takes(2)
    return fill(value(0), fillingWord(args[1]) ?? value(1), scope.range)
  }
  if (name === 'IF') {
    takes(2, 3)
    return choose(value(0), value(1), args.length === 3 ? value(2) : undefined)
  }
  const ofOneValue = functionOfOneValue(name)
  if (ofOneValue === undefined) throw new Error(`the function ${name} is not supported here`)
  takes(1)
  return ofOneValue(value(0))
}

function functionOfOneValue(name: string): ((value: Value) => Value) | undefined {
  const found = <T>(table: Readonly<Record<string, T>>): T | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined
  const reduction = found(reductions)
  if (reduction !== undefined) return (value) => reduce(value, reduction)
  const ofNumber = found(numberFunctions)
  if (ofNumber !== undefined) return (value) => mapValues([value], ofNumber)
  const ofSeries = found(seriesFunctions)
  if (ofSeries !== undefined) return (value) => applyToSeries(value, ofSeries)
  return undefined
}

function fillingWord(arg: Expression | undefined): 'REPEAT' | 'LINEAR' | undefined {
  if (arg?.kind !== 'name') return undefined
  return arg.name === 'REPEAT' || arg.name === 'LINEAR' ? arg.name : undefined
}
