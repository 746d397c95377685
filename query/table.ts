import type { NamedMeasure } from '../consumers/engine/pipeline.ts'
import type { Row } from '../consumers/engine/read.ts'
import { keyText } from '../consumers/engine/read-plan.ts'
import { columnsOf, rangesOf, type Scalar } from './columns.ts'

/** What the table has to know of a measure. */
export type ShownMeasure = Pick<NamedMeasure, 'name' | 'kind'>

/** Quotients and estimates have any number of digits; of these the table shows the first. Sums and extremes are exact. */
const roundedKinds = /^(mean|(sample-)?(variance|standard-deviation)|quantiles|\["ratio")/
/** Of a column of quotients: as many decimals as the smallest value needs to show three digits, within these. */
const decimals = { least: 2, most: 6, digits: 3 }

/**
 * Rows as text in columns, numbers to the right, times in UTC. A row that is not final says until when it may change, and
 * one that is not complete or follows a loss says so.
 */
export function rowsAsTable(
  measures: readonly ShownMeasure[],
  rows: readonly Row<string, unknown>[],
): string {
  const [first] = rows
  if (first === undefined) return 'no events in these windows'
  const columns = [
    leftAligned(
      'window',
      rows.map((row) => time(row.windowStart)),
    ),
    leftAligned(
      first.grouping,
      rows.map((row) => keyText(row.key)),
    ),
    ...measures.flatMap((measure) => columnsOfMeasure(rows, measure)),
    leftAligned('', rows.map(remarks)),
  ]
  return [-1, ...rows.keys()]
    .map((row) =>
      columns
        .map(({ heading, texts, width, isLeft }) => {
          const text = row < 0 ? heading : (texts[row] ?? '')
          return isLeft ? text.padEnd(width) : text.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

interface TextColumn {
  readonly heading: string
  readonly texts: readonly string[]
  readonly width: number
  readonly isLeft: boolean
}

function columnsOfMeasure(rows: readonly Row<string, unknown>[], { name, kind }: ShownMeasure): TextColumn[] {
  const results = rows.map((row) => new Map<string, unknown>(Object.entries(row.values)).get(name))
  // A histogram may have hundreds of ranges: one column, and only those that hold something.
  if (results.some((result) => rangesOf(result) !== undefined))
    return [leftAligned(name, results.map(ranges))]
  return columnsOf(rows, [name]).map((column, part) => {
    const isRounded = roundedKinds.test(kind)
    const texts = isRounded ? roundedTexts(column.values) : exactTexts(column.values)
    const isLeft = column.values.some((value) => typeof value === 'string' && !isDecimal(value))
    // The measure's own name is said once: `delays.p50  .p90  .p99`.
    const heading = part === 0 ? column.heading : column.heading.slice(name.length)
    return textColumn(heading, texts, isLeft)
  })
}

function leftAligned(heading: string, texts: readonly string[]): TextColumn {
  return textColumn(heading, texts, true)
}

function textColumn(heading: string, texts: readonly string[], isLeft: boolean): TextColumn {
  const printable = texts.map(withoutControls)
  const width = Math.max(heading.length, ...printable.map((text) => text.length))
  return { heading, texts: printable, width, isLeft }
}

function ranges(result: unknown): string {
  const held = (rangesOf(result) ?? []).filter(([, count]) => count !== 0)
  return held.length === 0 ? '-' : held.map(([range, count]) => `${range}: ${count}`).join(', ')
}

/** All digits there are, with zeros after them where others of the column have more decimals. */
function exactTexts(values: readonly Scalar[]): string[] {
  const texts = values.map((value) => (value === undefined ? '-' : String(value)))
  const most = Math.max(...texts.map((text) => (isDecimal(text) ? fraction(text).length : 0)))
  if (most === 0) return texts
  return texts.map((text) => {
    if (!isDecimal(text)) return text
    const held = fraction(text)
    return `${text}${held === '' ? '.' : ''}${'0'.repeat(most - held.length)}`
  })
}

function roundedTexts(values: readonly Scalar[]): string[] {
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.every((value) => Number.isInteger(value))) return exactTexts(values)
  const sizes = numbers.map(Math.abs).filter((size) => size > 0)
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity)
  const wanted = decimals.digits - 1 - Math.floor(Math.log10(smallest))
  const shown = Math.min(Math.max(wanted, decimals.least), decimals.most)
  return values.map(
    (value) => (typeof value === 'number' ? value.toFixed(shown) : exactTexts([value])[0]) ?? '',
  )
}

function isDecimal(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

function fraction(text: string): string {
  return text.split('.')[1] ?? ''
}

function remarks(row: Row<string, unknown>): string {
  return [
    row.final ? '' : `open until ${closing(row)}`,
    row.complete ? '' : 'incomplete',
    row.lossy ? 'lossy' : '',
  ]
    .filter(Boolean)
    .join(', ')
}

/** The day is said only where it is another one than the window's. */
function closing({ windowStart, closesAt }: Row<string, unknown>): string {
  const [closes, starts] = [time(closesAt), time(windowStart)]
  return closes.slice(0, 11) === starts.slice(0, 11) ? closes.slice(11) : closes
}

/** Without the parts of a time that are zero. */
function time(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/(:00)?\.000Z$/, 'Z')
}

/** Keys and texts are what producers sent: nothing of them may break a line or command a terminal. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
