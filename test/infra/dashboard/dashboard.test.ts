import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { metric, metricsDimension } from '../../../consumers/settings.ts'
import { monitored, propertiesOf } from '../monitored.ts'

const widgetSchema = z.object({
  type: z.enum(['text', 'metric', 'alarm']),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  properties: z.looseObject({
    title: z.string().optional(),
    markdown: z.string().optional(),
    alarms: z.array(z.string()).optional(),
    metrics: z.array(z.array(z.unknown())).default([]),
    annotations: z
      .object({ horizontal: z.array(z.looseObject({ value: z.number(), label: z.string() })) })
      .optional(),
  }),
})
type Widget = z.infer<typeof widgetSchema>

function dashboardOf(...options: Parameters<typeof monitored>): readonly Widget[] {
  const { template } = monitored(...options)
  const [properties] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values()
  const { DashboardBody: body } = z.object({ DashboardBody: z.string() }).parse(properties)
  return z.object({ widgets: z.array(widgetSchema) }).parse(JSON.parse(body)).widgets
}

const widgets = dashboardOf()
const headings = widgets.flatMap(({ properties: { markdown } }) => /^#+ .*/.exec(markdown ?? '')?.[0] ?? [])

/** What a widget draws: expressions, and metrics as `namespace name dimension value`; parts of expressions are not. */
function drawn({ properties: { metrics } }: Widget): readonly string[] {
  return metrics.flatMap((line) => {
    const { expression, visible } = z
      .looseObject({ expression: z.string().optional(), visible: z.boolean().optional() })
      .parse(typeof line.at(-1) === 'object' ? line.at(-1) : {})
    if (visible === false) return []
    return expression ?? line.slice(0, 4).join(' ')
  })
}

function titled(title: string): readonly Widget[] {
  const found = widgets.filter(({ properties }) => properties.title === title)
  expect([title, found.length > 0]).toEqual([title, true])
  return found
}

describe('the layout', () => {
  it('has no two widgets in one place, and none beyond the edge', () => {
    const taken = new Set<string>()
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24)
      for (let column = x; column < x + width; column++)
        for (let row = y; row < y + height; row++) {
          expect(taken.has(`${column} ${row}`)).toBe(false)
          taken.add(`${column} ${row}`)
        }
    }
  })

  it('asks in the order of somebody on call: all at a glance, then each pipeline', () => {
    const questions = [
      '### Are we behind?',
      '### Why: held back, or failing?',
      '### Why: the store?',
      '### Are we losing anything?',
      '### What does it cost?',
    ]
    expect(headings).toEqual([
      '# shop',
      ...['clicks', 'sales', 'orders'].flatMap((name) => [`## ${name}`, ...questions]),
    ])
  })

  it.each([
    [720_000, 'After an outage of an hour, catching up takes about 12 min.'],
    [Infinity, 'It has nothing to spare: after an outage it does not catch up.'],
  ])('says how long it takes to catch up: %d ms', (catchUpAfterOutageMs, text) => {
    const texts = dashboardOf({}, { catchUpAfterOutageMs }).map(({ properties }) => properties.markdown ?? '')
    expect(texts.filter((markdown) => markdown.includes(text))).toHaveLength(3)
  })

  it('explains every graph in the text at the left of its row', () => {
    const first = widgets.find(({ properties }) => properties.markdown === '## clicks')
    const graphs = widgets.filter(({ type, y }) => type === 'metric' && y > (first?.y ?? 0))
    expect(graphs).toHaveLength(3 * 5 * 3)
    for (const { y } of graphs) {
      const left = widgets.find((each) => each.y === y && each.x === 0)
      expect(left?.properties.markdown).toMatch(/Normal: .*If not: /s)
    }
  })
})

describe('the summary', () => {
  it('has the alarm of each pipeline and those of sources; each pipeline has its own below', () => {
    const counts = widgets.flatMap(({ properties: { alarms } }) => alarms?.length ?? [])
    expect(counts).toEqual([3 + 2 * 2, 14, 14, 14])
  })

  it('has the iterator age of each mapping, with the lines at which its alarms go off', () => {
    for (const pipeline of ['clicks', 'sales', 'orders']) {
      const [age] = titled(`${pipeline}: iterator age, seconds`)
      expect(age?.properties.annotations?.horizontal).toMatchObject([
        { value: 90, label: 'falling behind' },
        { value: 900, label: 'about to lose records' },
      ])
      expect(age && drawn(age)).toEqual(['age / 1000'])
    }
  })

  it('says what was lost in all the time shown, not in its last minute', () => {
    const [lost] = titled('clicks: records not counted, in the time shown')
    expect(lost?.properties).toMatchObject({ setPeriodToTimeRange: true })
    expect(lost && drawn(lost)).toEqual([
      'AWS/Lambda DroppedEventCount EventSourceMappingUUID clicks-mapping',
      'AWS/Lambda OnFailureDestinationDeliveredEventCount EventSourceMappingUUID clicks-mapping',
      'shop Rejected service clicks',
    ])
  })
})

/** One of the functions' own metrics. */
function own(name: string, pipeline: string): string {
  return `shop ${name} ${metricsDimension} ${pipeline}`
}

describe('the graphs', () => {
  const all = new Set(widgets.flatMap(drawn))

  it('show every metric that the functions write, and none that they do not', () => {
    const expressions = JSON.stringify(widgets)
    for (const pipeline of ['clicks', 'sales', 'orders']) {
      const written = Object.values(metric).map((name) => own(name, pipeline))
      expect(written.filter((name) => !expressions.includes(name.split(' ').join('","')))).toEqual([])
    }
    const names: readonly string[] = Object.values(metric)
    const unknown = [...all].filter(
      (name) => name.startsWith('shop ') && !names.includes(name.split(' ')[1] ?? ''),
    )
    expect(unknown).toEqual([])
  })

  it('show everything that can be held back: source, function and store', () => {
    const [clicks, , orders] = titled('Held back')
    expect(clicks && drawn(clicks)).toEqual([
      expect.stringMatching(/^AWS\/Kinesis WriteProvisionedThroughputExceeded StreamName {ClicksStream/),
      expect.stringMatching(/^AWS\/Kinesis ReadProvisionedThroughputExceeded StreamName {ClicksStream/),
      expect.stringMatching(/^AWS\/Lambda Throttles FunctionName {clicksfunction/),
      own('StoreLimitRefusals', 'clicks'),
    ])
    expect(orders && drawn(orders).slice(0, 2)).toEqual([
      expect.stringMatching(/^AWS\/DynamoDB WriteThrottleEvents TableName {OrdersTable/),
      expect.stringMatching(/^AWS\/DynamoDB ReadThrottleEvents TableName {OrdersTable/),
    ])
  })

  it.each([
    ['Batches at once, and the limit', 'limit', 6],
    ['Duration of a batch, ms', 'time-out', 20_000],
    ['Records a batch', 'full', 400],
  ])('%s: with its bound', (title, label, value) => {
    for (const { properties } of titled(title))
      expect(properties.annotations?.horizontal).toMatchObject([{ label, value }])
  })

  it('give costs for a million records, by the memory of the function', () => {
    expect(titled('Momento requests a million records').map(drawn)[0]).toEqual([
      '1000000 * requests / records',
    ])
    // Milliseconds of 1,024 MB for one record are as many thousandths of a GB-second, and so thousands for a million.
    expect(titled('GB-seconds a million records').map(drawn)[0]).toEqual([
      '1000 * duration * 1024 / 1024 / records',
    ])
  })
})

describe('links to the runbook', () => {
  it('are names without an address, for CloudWatch has no such path', () => {
    expect(JSON.stringify(widgets)).not.toContain('RUNBOOK.md')
    expect(JSON.stringify(widgets)).toContain('`falling-behind`')
  })

  it('are links with one', () => {
    const text = JSON.stringify(dashboardOf({ runbookUrl: 'https://git.example/RUNBOOK.md' }))
    expect(text).toContain('[falling-behind](https://git.example/RUNBOOK.md#falling-behind)')
  })
})
