import { GraphWidget, type GraphWidgetProps, type IMetric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch'

/** CloudWatch's own unit of width and height; a dashboard is 24 wide. */
export const dashboardWidth = 24
/** Four beside each other, of which each is still legible on a laptop. */
export const graphSize = { width: 6, height: 6 } as const

/** One question: how to read what is shown, in a text on the left, and the graphs that answer it. */
export interface Section {
  readonly title: string
  /** Markdown, a sentence a line: what is normal, and what to do where it is not. */
  readonly explanation: readonly string[]
  readonly graphs: readonly GraphWidget[]
}

/** A graph from 0 upwards. */
export function graph(title: string, left: IMetric[], others: GraphWidgetProps = {}): GraphWidget {
  return new GraphWidget({
    ...graphSize,
    title,
    left,
    leftYAxis: { min: 0, showUnits: false },
    ...(others.right && { rightYAxis: { min: 0, showUnits: false } }),
    ...others,
  })
}

export function sectionText({ title, explanation }: Section): TextWidget {
  return new TextWidget({ ...graphSize, markdown: [`### ${title}`, ...explanation].join('\n\n') })
}
