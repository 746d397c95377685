import type { Stack } from 'aws-cdk-lib'
import {
  Alarm,
  AlarmRule as Rule,
  AlarmState,
  type AlarmBase,
  ComparisonOperator,
  CompositeAlarm,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { Construct } from 'constructs'
import type { MonitoredPipeline } from '../monitored-pipeline.ts'
import { runbookSection } from '../runbook.ts'
import type { AlarmRule } from './alarm-rule.ts'
import { addAlarmTopic } from './alarm-topic.ts'
import { lossRules } from './loss-rules.ts'
import { sourceRules, troubleRules } from './trouble-rules.ts'

/** The alarms of one pipeline. */
export interface PipelineAlarms {
  readonly each: readonly Alarm[]
  /** Goes off with any of them. */
  readonly needsAttention: CompositeAlarm
}

export interface Alarms {
  /** By pipeline. */
  readonly ofPipelines: ReadonlyMap<MonitoredPipeline, PipelineAlarms>
  /** Of streams and tables. */
  readonly ofSources: readonly Alarm[]
}

/** The one composite alarm of a pipeline, and its section of the runbook. */
const needsAttention = 'needs-attention'

/**
 * Alarms for every pipeline and what it reads, in a scope of their own, and the topic that they publish to. Who is called:
 * by a pipeline's composite alarm, when the first of its alarms goes off and when the last is over, so that one cause is
 * one call; and by each alarm that means loss itself, as it must not go under in what is wrong already.
 */
export function addAlarms(stack: Stack, pipelines: readonly MonitoredPipeline[]): Alarms {
  const scope = new Construct(stack, 'Alarms')
  const prefix = `${stack.stackName}-`
  const action = new SnsAction(addAlarmTopic(stack, prefix))
  const calls = <T extends AlarmBase>(alarm: T): T => {
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
    return alarm
  }
  const alarm = (of: Construct, named: string, rule: AlarmRule): Alarm => {
    const { name, meaning, metric, threshold = 1, periods = 1, datapoints = periods } = rule
    return new Alarm(of, name, {
      alarmName: `${prefix}${named}-${name}`,
      alarmDescription: describe(scope, meaning, name),
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: datapoints,
      // Never a breach: what tells of work is silent where there is none, and what tells of trouble where there is none
      // of that. That nothing is done though there is something to do, `stalled` tells, from metrics that are filled up.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  }
  const ofPipeline = (pipeline: MonitoredPipeline): PipelineAlarms => {
    const { name } = pipeline
    const own = new Construct(scope, name)
    const each = [...lossRules(pipeline), ...troubleRules(pipeline)].map((rule) => {
      const made = alarm(own, name, rule)
      return rule.isLoss ? calls(made) : made
    })
    const composite = new CompositeAlarm(own, needsAttention, {
      compositeAlarmName: `${prefix}${name}-${needsAttention}`,
      alarmDescription: describe(scope, `Something is wrong with the pipeline ${name}.`, needsAttention),
      alarmRule: Rule.anyOf(...each.map((one) => Rule.fromAlarm(one, AlarmState.ALARM))),
    })
    return { each, needsAttention: calls(composite) }
  }
  const sources = new Map(pipelines.map(({ source }) => [source.id, source]))
  return {
    ofPipelines: new Map(pipelines.map((pipeline) => [pipeline, ofPipeline(pipeline)])),
    ofSources: Array.from(sources.values()).flatMap((source) => {
      const own = new Construct(scope, source.id)
      return sourceRules(source).map((rule) => calls(alarm(own, source.id, rule)))
    }),
  }
}

function describe(scope: Construct, meaning: string, section: string): string {
  return `${meaning} What to do: ${runbookSection(scope, section)}`
}
