import { Duration, Stack } from 'aws-cdk-lib'
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { IConstruct } from 'constructs'
import { metric, metricsDimension } from '../consumers/settings.ts'
import type { MonitoredPipeline } from './monitored-pipeline.ts'

/** Of all metrics, unless one says otherwise: nothing of AWS is finer. */
export const period = Duration.minutes(1)

/** The metrics of a pipeline, as sums of a minute; `with` makes others of them. */
export interface PipelineMetrics {
  /** One that the function writes itself. */
  readonly own: (name: keyof typeof metric, label?: string) => Metric
  /** One of Lambda, of the function. */
  readonly ofFunction: (metricName: string, label?: string) => Metric
  /** One of Lambda, of the mapping, in records. */
  readonly ofMapping: (metricName: string, label?: string) => Metric
}

/** Of the functions' own metrics: their stack's name, as stages of one account have pipelines of the same names. */
export function metricsNamespace(scope: IConstruct): string {
  return Stack.of(scope).stackName
}

export function metricsOf({ name, handler, mappingId }: MonitoredPipeline): PipelineMetrics {
  return {
    own: sumOf(metricsNamespace(handler), { [metricsDimension]: name }, (own) => metric[own]),
    ofFunction: sumOf('AWS/Lambda', { FunctionName: handler.functionName }),
    ofMapping: sumOf('AWS/Lambda', { EventSourceMappingUUID: mappingId }),
  }
}

/** A number that follows from metrics, each of which is of the same period: by default of a minute. */
export function expressionOf(
  label: string,
  expression: string,
  metrics: Readonly<Record<string, Metric>>,
  of: Duration = period,
): MathExpression {
  const usingMetrics = Object.fromEntries(
    Object.entries(metrics).map(([id, metricOf]) => [id, metricOf.with({ period: of })]),
  )
  return new MathExpression({ expression, usingMetrics, label, period: of })
}

function sumOf<Name extends string>(
  namespace: string,
  dimensionsMap: Readonly<Record<string, string>>,
  metricNameOf: (name: Name) => string = (name) => name,
): (name: Name, label?: string) => Metric {
  return (name, label) =>
    new Metric({
      namespace,
      metricName: metricNameOf(name),
      dimensionsMap,
      statistic: Stats.SUM,
      period,
      ...(label !== undefined && { label }),
    })
}
