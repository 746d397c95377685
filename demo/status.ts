import type { LocalStack } from '../local/main.ts'

/** How the stack is doing now. What was counted is what the pipeline of flights made of its records. */
export interface Status {
  /** Changes of orders that were counted; undefined where there are no tables. */
  readonly changes: number | undefined
  readonly counted: number
  readonly duplicates: number
  /** By all pipelines. */
  readonly rejected: number
  /** Age of the last record of a Kinesis stream that went into a batch: tables tell it only to the minute here. */
  readonly iteratorAgeMs: number
  readonly invocations: number
  readonly environments: number
  readonly throttles: number
  readonly errors: number
}

/** Sums up the stack's functions, mappings and metrics. */
export function statusOf(stack: LocalStack): Status {
  const functions = Array.from(stack.functions.values(), (lambda) => lambda.stats())
  const total = (value: (one: (typeof functions)[number]) => number): number =>
    functions.reduce((sum, one) => sum + value(one), 0)
  const ofStreams = stack.mappings.filter(({ streamArn }) => streamArn.startsWith('arn:aws:kinesis:'))
  return {
    changes: hasTables(stack) ? pipelineMetric(stack, 'orders', 'Counted') : undefined,
    counted: pipelineMetric(stack, 'flights', 'Counted'),
    duplicates: pipelineMetric(stack, 'flights', 'Duplicates'),
    rejected: ['flights', 'punctuality', 'orders'].reduce(
      (sum, pipeline) => sum + pipelineMetric(stack, pipeline, 'Rejected'),
      0,
    ),
    iteratorAgeMs: Math.max(0, ...ofStreams.map((mapping) => mapping.stats().iteratorAgeMs ?? 0)),
    invocations: total(({ invocations }) => invocations),
    environments: total(({ environments }) => environments.live),
    throttles: total(({ throttles }) => throttles),
    errors: total(({ errors }) => errors),
  }
}

/** Whether the stack has its tables: it needs a Java for them. */
export function hasTables({ endpoints }: LocalStack): boolean {
  return endpoints['dynamodb'] !== undefined
}

/** The sum of one of the own metrics of a pipeline's function. */
export function pipelineMetric(stack: LocalStack, pipeline: string, name: string): number {
  return stack.metrics.sum('Streamtally', [`service=${pipeline}`], name)
}

/** A status in two lines: what was counted, and how the stack is doing. */
export function statusLines(status: Status, countedBefore: number): readonly [string, string] {
  const {
    changes,
    counted,
    duplicates,
    rejected,
    iteratorAgeMs,
    invocations,
    environments,
    throttles,
    errors,
  } = status
  const counts = [
    `${grouped(counted)} departures counted (${counted - countedBefore}/s)`,
    `${grouped(duplicates)} duplicates dropped`,
    `${grouped(rejected)} rejected`,
    ...(changes === undefined ? [] : [`${grouped(changes)} changes of orders counted`]),
  ]
  const health = [
    `iterator age ${iteratorAgeMs} ms`,
    `${grouped(invocations)} invocations in ${environments} environments`,
    `${throttles} throttles`,
    `${errors} errors`,
  ]
  return [counts.join(', '), health.join(', ')]
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
