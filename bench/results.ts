import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commit, machine } from './machine.ts'

/** Rows of a table: each has a member for each column. */
export type Row = Readonly<Record<string, string | number>>

/** What a benchmark has found. */
export interface Findings {
  /** The benchmark's name: that of its files. */
  readonly name: string
  readonly question: string
  readonly isQuick: boolean
  readonly seed: number
  readonly tables: readonly (readonly Row[])[]
  /** Further members of the JSON, by name. */
  readonly figures?: Readonly<Record<string, unknown>>
  readonly doesNotShow: readonly string[]
  /** SVG. */
  readonly plot: string
}

/** Prints what was found, and writes it to `bench/results/` as JSON, with the plot beside it. */
export async function publish({
  name,
  tables,
  figures = {},
  plot,
  isQuick,
  ...said
}: Findings): Promise<void> {
  const folder = join(import.meta.dirname, 'results')
  const on = { machine: machine(), commit: commit(), measuredAt: new Date().toISOString() }
  const json = { name, ...said, quick: isQuick, ...on, ...figures, tables }
  console.log(`\n${said.question}\nseed ${said.seed}`)
  for (const table of tables) console.log(`\n${markdown(table)}`)
  for (const [figure, value] of Object.entries(figures)) console.log(`\n${figure}: ${JSON.stringify(value)}`)
  console.log(`\nIt does not show:\n${said.doesNotShow.map((line) => `- ${line}`).join('\n')}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(json, undefined, 2)}\n`)
  await writeFile(join(folder, `${name}.svg`), plot)
}

function markdown(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => columns.map((column) => shown(row[column])))
  return [columns, columns.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function shown(value: string | number | undefined): string {
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 3 }) : (value ?? '')
}

/** The middle one of some numbers: what other work on the machine slows down is not in it. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** So many significant digits: what a noisy machine can tell. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits))
}
