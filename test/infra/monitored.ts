import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Stream } from 'aws-cdk-lib/aws-kinesis'
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda'
import { type Alarms, addAlarms } from '../../infra/alarms/alarms.ts'
import { addDashboard } from '../../infra/dashboard/dashboard.ts'
import type { MonitoredPipeline, MonitoredTuning } from '../../infra/monitored-pipeline.ts'
import { streamSource, tableSource } from '../../infra/sources.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'

export const tuning: MonitoredTuning = {
  expectedLagMs: 9_000,
  catchUpAfterOutageMs: 720_000,
  batchSize: 400,
  parallelizationFactor: 2,
  shardCount: 3,
  timeoutMs: 20_000,
  memoryMb: 1_024,
}

/** A stack of nothing but what is monitored, and what monitors it. */
export interface Monitored {
  readonly stack: Stack
  readonly pipelines: readonly MonitoredPipeline[]
  readonly alarms: Alarms
  readonly template: Template
}

/** Two pipelines on a stream and one on a table, with all their alarms and the dashboard. */
export function monitored(
  context: Readonly<Record<string, unknown>> = {},
  changed: Partial<MonitoredTuning> = {},
): Monitored {
  const stack = new Stack(new App({ context }), 'shop')
  const stream = new Stream(stack, 'ClicksStream')
  const table = tableSource(
    new TableV2(stack, 'OrdersTable', { partitionKey: { name: 'id', type: AttributeType.STRING } }),
  )
  const pipelines = ['clicks', 'sales', 'orders'].map((name): MonitoredPipeline => {
    const handler = new Function(stack, `${name}-function`, {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => undefined'),
    })
    return {
      name,
      maximumRecordAgeMs: 1_800_000,
      handler,
      mappingId: `${name}-mapping`,
      source: name === 'orders' ? table : streamSource(stream),
      tuning: { ...tuning, ...changed },
    }
  })
  const alarms = addAlarms(stack, pipelines)
  addDashboard(stack, pipelines, alarms)
  return { stack, pipelines, alarms, template: Template.fromStack(stack) }
}

/** The properties of all resources of a type, by logical id, with references as `{AlarmTopicD01E77F9}`. */
export function propertiesOf(template: Template, type: string): ReadonlyMap<string, unknown> {
  const resources = Object.entries(template.findResources(type))
  return new Map(
    resources.map(([id, { Properties: properties }]) => [
      id,
      resolveIntrinsics(properties, {
        ref: (name) => `{${name}}`,
        attribute: (logicalId, attribute) => `{${logicalId}.${attribute}}`,
      }),
    ]),
  )
}
