import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import * as z from 'zod'
import { readAssembly } from '../../local/deploy/assembly.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'
import { resourcesOf } from '../../local/deploy/resources.ts'

const defaultPeriodSeconds = 300
const defaultStatistic = 'Average'

const optionsSchema = z.looseObject({
  expression: z.string().optional(),
  id: z.string().optional(),
  stat: z.string().optional(),
  period: z.number().optional(),
  label: z.string().optional(),
  visible: z.boolean().default(true),
})
const widgetSchema = z.looseObject({
  type: z.string(),
  properties: z.looseObject({
    title: z.string().optional(),
    stat: z.string().optional(),
    period: z.number().optional(),
    metrics: z.array(z.array(z.union([z.string(), optionsSchema]))).optional(),
  }),
})
const bodySchema = z.looseObject({ widgets: z.array(widgetSchema) })

/** A widget as a dashboard's body has it. */
export type Widget = z.output<typeof widgetSchema>

/** The widgets of all dashboards of a cloud assembly, what they refer to being named as the local stack names it. */
export async function dashboardWidgets(assemblyDirectory: string): Promise<Widget[]> {
  const resources = resourcesOf(await readAssembly(assemblyDirectory))
  return resources
    .filter(({ type }) => type === 'AWS::CloudWatch::Dashboard')
    .flatMap(({ rawProperties, names }) => {
      const body = resolveIntrinsics(rawProperties['DashboardBody'], names)
      return bodySchema.parse(JSON.parse(String(body))).widgets
    })
}

/**
 * What CloudWatch asks for to draw a widget. In `metrics` an array's `.` stands for what the array before has in that
 * place, and `...` for as many as are left out.
 *
 * Source: Amazon CloudWatch API Reference, "Dashboard body structure and syntax".
 */
export function queriesOf({ properties }: Widget): MetricDataQuery[] {
  const { metrics = [], stat = defaultStatistic, period = defaultPeriodSeconds } = properties
  let before: readonly string[] = []
  return metrics.map((row, index) => {
    const options = optionsSchema.parse(row.find((part) => typeof part !== 'string') ?? {})
    const Id = options.id ?? `unnamed${index}`
    const shown = { Id, ReturnData: options.visible, ...(options.label && { Label: options.label }) }
    if (options.expression !== undefined) return { ...shown, Expression: options.expression }
    const written = row.filter((part) => typeof part === 'string')
    before = expanded(written, before)
    const [Namespace, MetricName, ...dimensions] = before
    return {
      ...shown,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: pairsOf(dimensions) },
        Stat: options.stat ?? stat,
        Period: options.period ?? period,
      },
    }
  })
}

function expanded(written: readonly string[], before: readonly string[]): readonly string[] {
  const gap = written.indexOf('...')
  const skipped = gap === -1 ? 0 : before.length - (written.length - 1)
  const places = gap === -1 ? written : written.toSpliced(gap, 1, ...Array<string>(skipped).fill('.'))
  return places.map((part, place) => (part === '.' ? (before[place] ?? part) : part))
}

function pairsOf(dimensions: readonly string[]) {
  return dimensions.flatMap((Name, place) => (place % 2 === 0 ? { Name, Value: dimensions[place + 1] } : []))
}
