import { CfnOutput, Duration, type Stack } from 'aws-cdk-lib'
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  type IWidget,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { Alarms } from '../alarms/alarms.ts'
import { lagThresholds, type MonitoredPipeline } from '../monitored-pipeline.ts'
import { expressionOf, metricsOf } from '../pipeline-metrics.ts'
import { runbookLink } from '../runbook.ts'
import { dashboardWidth, graph, graphSize, sectionText } from './graph.ts'
import { sectionsOf } from './sections.ts'

/** CloudWatch puts the numbers in their place (Amazon CloudWatch User Guide, "Using dynamic labels"). */
const dynamicLabel = { last: '${LAST}', most: '${MAX}' } as const
/** Pipelines that the summary shows beside each other. */
const mostAbreast = 3

/**
 * The dashboard of a stack, for somebody on call. It answers, in this order: are we behind, why, and are we losing
 * anything? First for all pipelines at a glance, then for each, and at last what it costs.
 */
export function addDashboard(
  stack: Stack,
  pipelines: readonly MonitoredPipeline[],
  alarms: Alarms,
): Dashboard {
  const dashboard = new Dashboard(stack, 'Dashboard', {
    defaultInterval: Duration.hours(3),
    widgets: [
      ...summary(stack, pipelines, alarms),
      ...pipelines.flatMap((pipeline) => [
        ...heading(pipeline, alarms),
        ...sectionsOf(stack, pipeline).map((section) => [sectionText(section), ...section.graphs]),
      ]),
    ],
  })
  new CfnOutput(stack, 'DashboardName', { value: dashboard.dashboardName })
  return dashboard
}

function summary(stack: Stack, pipelines: readonly MonitoredPipeline[], alarms: Alarms): IWidget[][] {
  const width = dashboardWidth / Math.max(1, Math.min(pipelines.length, mostAbreast))
  const composites = [...alarms.ofPipelines.values()].map(({ needsAttention }) => needsAttention)
  return [
    [
      new TextWidget({
        width: dashboardWidth,
        height: 2,
        markdown: [
          `# ${stack.stackName}`,
          `Are we behind, why, and are we losing anything? The alarms say whether; then the iterator age, how old the records are that a batch counts; then what was set aside or lost in the time shown. Below, the same of each pipeline. What to do: ${runbookLink(stack, 'needs-attention')} in the runbook.`,
        ].join('\n'),
      }),
    ],
    [
      new AlarmStatusWidget({
        title: 'Alarms: one for each pipeline, and those of what they read',
        width: dashboardWidth,
        height: 3,
        alarms: [...composites, ...alarms.ofSources],
      }),
    ],
    ...abreast(pipelines.map((pipeline) => iteratorAge(pipeline, width))),
    ...abreast(pipelines.map((pipeline) => lostInAll(pipeline, width))),
  ]
}

/** Rows of so many beside each other, or widgets of two rows would be mixed. */
function abreast(widgets: readonly IWidget[]): IWidget[][] {
  return Array.from({ length: Math.ceil(widgets.length / mostAbreast) }, (_, row) =>
    widgets.slice(row * mostAbreast, (row + 1) * mostAbreast),
  )
}

function iteratorAge(pipeline: MonitoredPipeline, width: number): IWidget {
  const { warningMs, criticalMs } = lagThresholds(pipeline)
  const age = metricsOf(pipeline).ofFunction('IteratorAge').with({ statistic: Stats.MAXIMUM })
  // The lines far above it flatten the graph, so the numbers are in words, too.
  const ageInSeconds = expressionOf(
    `oldest: now ${dynamicLabel.last}, at most ${dynamicLabel.most}`,
    'age / 1000',
    { age },
  )
  return graph(`${pipeline.name}: iterator age, seconds`, [ageInSeconds], {
    width,
    leftAnnotations: [
      { value: warningMs / 1_000, label: 'falling behind', color: Color.ORANGE },
      { value: criticalMs / 1_000, label: 'about to lose records', color: Color.RED },
    ],
  })
}

function lostInAll(pipeline: MonitoredPipeline, width: number): IWidget {
  const { own, ofMapping } = metricsOf(pipeline)
  return new SingleValueWidget({
    title: `${pipeline.name}: records not counted, in the time shown`,
    width,
    height: 3,
    setPeriodToTimeRange: true,
    metrics: [
      ofMapping('DroppedEventCount', 'lost').with({ color: Color.RED }),
      ofMapping('OnFailureDestinationDeliveredEventCount', 'set aside').with({ color: Color.ORANGE }),
      own('rejected', 'rejected'),
    ],
  })
}

function heading(pipeline: MonitoredPipeline, alarms: Alarms): IWidget[][] {
  return [
    [new TextWidget({ width: dashboardWidth, height: 1, markdown: `## ${pipeline.name}` })],
    [
      new AlarmStatusWidget({
        title: `${pipeline.name}: alarms`,
        width: dashboardWidth,
        height: graphSize.height / 2,
        alarms: [...(alarms.ofPipelines.get(pipeline)?.each ?? [])],
      }),
    ],
  ]
}
