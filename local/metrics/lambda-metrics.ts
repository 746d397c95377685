import type { MappingObserver } from '../event-source-mapping/mapping-observer.ts'
import type { FunctionCall } from '../lambda/lambda-function.ts'
import type { MetricStore } from '../services/cloudwatch/metric-store.ts'

const namespace = 'AWS/Lambda'
const count = 'Count'
const milliseconds = 'Milliseconds'

/**
 * Keeps what becomes of a function's calls. Errors and throttles have a value with each call, most of them 0. All are of
 * the time at which the call came, which is later told than it was where it takes long.
 *
 * Source of the names: AWS Lambda Developer Guide, "Types of metrics for Lambda functions".
 */
export function functionMetrics(store: MetricStore, functionName: string): (call: FunctionCall) => void {
  return (call) => {
    const add = (name: string, value: number, unit = count): void =>
      addOfFunction(store, functionName, { name, value, unit, timestampMs: call.calledMs })
    add('Throttles', Number(call.isThrottled))
    add('ConcurrentExecutions', call.concurrency)
    if (call.isThrottled) return
    add('Invocations', 1)
    add('Errors', Number(call.isError))
    add('Duration', call.durationMs, milliseconds)
  }
}

/** The function that a mapping feeds, and the mapping itself. */
export interface MeasuredMapping {
  readonly functionName: string
  readonly uuid: string
  /** Epoch milliseconds. */
  readonly nowMs: () => number
}

/**
 * Keeps what a mapping counts: of its function the iterator age and reports that could not be delivered, of itself the
 * event counts.
 *
 * Source of the names: AWS Lambda Developer Guide, "Types of metrics for Lambda functions" and "Types of metrics for
 * event source mappings".
 */
export function mappingMetrics(
  store: MetricStore,
  { functionName, uuid, nowMs }: MeasuredMapping,
): MappingObserver {
  const add = (name: string, value: number, unit: string, timestampMs: number): void =>
    addOfFunction(store, functionName, { name, value, unit, timestampMs })
  const dimensions = { EventSourceMappingUUID: uuid }
  return {
    onEvents: (name, records) =>
      store.add({ namespace, name, dimensions }, { value: records, unit: count, timestampMs: nowMs() }),
    onIteratorAge: ({ ageMs, sentMs }) => add('IteratorAge', ageMs, milliseconds, sentMs),
    onDestinationDeliveryFailure: () => add('DestinationDeliveryFailures', 1, count, nowMs()),
  }
}

interface FunctionValue {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly timestampMs: number
}

/**
 * By function, by function and version, of which there is one, and for all functions together, but for the concurrency:
 * that of all is a sum, which no function knows.
 */
function addOfFunction(store: MetricStore, functionName: string, { name, ...sample }: FunctionValue): void {
  const ofFunction = { FunctionName: functionName }
  const ofAll = name === 'ConcurrentExecutions' ? [] : [{}]
  for (const dimensions of [ofFunction, { ...ofFunction, Resource: functionName }, ...ofAll])
    store.add({ namespace, name, dimensions }, sample)
}
