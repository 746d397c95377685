import type { LocalStack } from '../local/main.ts'

/** What is shown as of now is of this time. */
const recentMs = 10_000
/** Of the pipelines' metrics: the name of the stack that the app makes for its default stage. */
const pipelineNamespace = 'streamtally-dev'

/** How the stack is doing now. What was counted is what the pipeline of flights made of its records. */
export interface Status {
  /** Changes of orders that were counted; undefined where there are no tables. */
  readonly changes: number | undefined
  readonly counted: number
  readonly duplicates: number
  /** By all pipelines. */
  readonly rejected: number
  /**
   * The highest of the functions that read a Kinesis stream, as of the latest second in which they were sent a batch;
   * undefined where that is long ago. Tables tell it only to the minute here.
   */
  readonly iteratorAgeMs: number | undefined
  readonly invocations: number
  /** Invocations at once, the most of late. */
  readonly concurrency: number
  readonly errors: number
  /** Invocations that were refused for want of concurrency. */
  readonly throttles: number
  /** Records that a stream refused for its rate; whoever writes them tries again. */
  readonly throttledWrites: number
}

/** What a status is made of. */
type Watched = Pick<LocalStack, 'endpoints' | 'metrics' | 'names'> & {
  readonly functions: ReadonlyMap<string, unknown>
  readonly mappings: readonly Pick<LocalStack['mappings'][number], 'streamArn' | 'functionArn'>[]
}

/** Sums up the stack's metrics. */
export function statusOf(stack: Watched, nowMs: number): Status {
  const { metrics } = stack
  const functionNames = [...stack.functions.keys()]
  const sumOf = (name: string): number => total(functionNames, (each) => metrics.sum(ofFunction(name, each)))
  const maximaOf = (name: string, functionName: string): [secondMs: number, maximum: number][] => {
    const range = { startMs: nowMs - recentMs, endMs: nowMs + 1 }
    const seconds = metrics.inPeriods(ofFunction(name, functionName), range, 1_000)
    return Array.from(seconds, ([secondMs, { maximum }]) => [secondMs, maximum])
  }
  const readers = stack.mappings.filter(({ streamArn }) => streamArn.startsWith('arn:aws:kinesis:'))
  const ages = readers.flatMap(({ functionArn }) => {
    const functionName = functionArn.slice(functionArn.lastIndexOf(':') + 1)
    return maximaOf('IteratorAge', functionName).toSorted(([one], [other]) => other - one)[0]?.[1] ?? []
  })
  return {
    changes: hasTables(stack) ? pipelineMetric(stack, 'orders', 'Counted') : undefined,
    counted: pipelineMetric(stack, 'flights', 'Counted'),
    duplicates: pipelineMetric(stack, 'flights', 'Duplicates'),
    rejected: ['flights', 'punctuality', 'orders'].reduce(
      (sum, pipeline) => sum + pipelineMetric(stack, pipeline, 'Rejected'),
      0,
    ),
    iteratorAgeMs: ages.length === 0 ? undefined : Math.max(...ages),
    invocations: sumOf('Invocations'),
    concurrency: total(functionNames, (each) =>
      Math.max(0, ...maximaOf('ConcurrentExecutions', each).map(([, maximum]) => maximum)),
    ),
    errors: sumOf('Errors'),
    throttles: sumOf('Throttles'),
    throttledWrites: total(Object.values(stack.names.streams), (stream) =>
      metrics.sum({
        namespace: 'AWS/Kinesis',
        name: 'WriteProvisionedThroughputExceeded',
        dimensions: { StreamName: stream },
      }),
    ),
  }
}

function ofFunction(name: string, functionName: string) {
  return { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName } }
}

function total(names: readonly string[], value: (name: string) => number): number {
  return names.reduce((sum, name) => sum + value(name), 0)
}

/** Whether the stack has its tables: it needs a Java for them. */
export function hasTables({ endpoints }: Pick<LocalStack, 'endpoints'>): boolean {
  return endpoints['dynamodb'] !== undefined
}

/** The sum of one of the own metrics of a pipeline's function. */
export function pipelineMetric(
  { metrics }: Pick<LocalStack, 'metrics'>,
  pipeline: string,
  name: string,
): number {
  return metrics.sum({ namespace: pipelineNamespace, name, dimensions: { service: pipeline } })
}

/** A status for people: what was counted, so much of it a second, and how the stack is doing. */
export function statusInWords(status: Status, countedPerSecond: number): readonly string[] {
  const {
    changes,
    counted,
    duplicates,
    rejected,
    iteratorAgeMs,
    invocations,
    concurrency,
    errors,
    throttles,
    throttledWrites,
  } = status
  return [
    `${grouped(counted)} departures counted (${Math.round(countedPerSecond)}/s)`,
    `${grouped(duplicates)} duplicates dropped`,
    `${grouped(rejected)} rejected`,
    ...(changes === undefined ? [] : [`${grouped(changes)} changes of orders counted`]),
    `iterator age ${iteratorAgeMs === undefined ? '-' : grouped(iteratorAgeMs)} ms`,
    `${grouped(invocations)} invocations`,
    `${concurrency} at once`,
    `${errors} errors`,
    `${throttles} throttles`,
    `${grouped(throttledWrites)} writes held back`,
  ]
}

/** Items with commas between, in lines of at most so many columns, if each fits into one. */
export function inLines(items: readonly string[], columns: number): string[] {
  const lines: string[] = []
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + text.length <= columns) lines.push(`${lines.pop()} ${text}`)
    else lines.push(text)
  }
  return lines
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
