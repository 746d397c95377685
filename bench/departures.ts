import { fileURLToPath } from 'node:url'
import { parquetMetadataAsync, parquetRead } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { compressors } from 'hyparquet-compressors'

/** One of the 3,000,000 departures of vega-datasets. */
export interface Departure {
  readonly origin: string
  readonly destination: string
  /** Route and minute of departure. */
  readonly id: string
  /** Minutes, whole. */
  readonly delay: number
}

const columns = ['date', 'origin', 'destination', 'delay']

/** The departures, a row group at a time: one of 272,727 rows is in memory at once. */
export async function* departureGroups(mostGroups = Infinity): AsyncGenerator<readonly Departure[]> {
  const path = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let rowStart = 0
  for (const { num_rows: rows } of metadata.row_groups.slice(0, mostGroups)) {
    const rowEnd = rowStart + Number(rows)
    const cells = new Map<string, ArrayLike<unknown>>()
    await parquetRead({
      file,
      metadata,
      compressors,
      columns,
      rowStart,
      rowEnd,
      onChunk: ({ columnName, columnData }) => cells.set(columnName, columnData),
    })
    const at = (column: string, index: number): unknown => cells.get(column)?.[index]
    yield Array.from({ length: rowEnd - rowStart }, (_, index) => {
      const origin = String(at('origin', index))
      const destination = String(at('destination', index))
      const id = `${origin}-${destination}-${Number(at('date', index))}`
      return { origin, destination, id, delay: Number(at('delay', index)) }
    })
    rowStart = rowEnd
  }
}
