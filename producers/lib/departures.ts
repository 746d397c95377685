import { fileURLToPath } from 'node:url'
import { parquetMetadataAsync, parquetRead } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { compressors } from 'hyparquet-compressors'

/** A departure of the data set; distance in miles, delay in minutes. */
export interface Departure {
  /** Its row in the whole file, from 0. */
  readonly row: number
  readonly origin: string
  readonly destination: string
  readonly distance: number
  readonly delay: number
}

const columns = ['origin', 'destination', 'distance', 'delay']

/**
 * The 3,000,000 departures of vega-datasets' flights-3m.parquet (US domestic, 2001), in the file's order, a row group
 * at a time: one group of 272,727 rows is in memory at once. Smaller ranges would decode the same group again.
 */
export async function* departures(): AsyncGenerator<readonly Departure[]> {
  const path = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  let firstRow = 0
  for (const { num_rows: rows } of metadata.row_groups) {
    const rowEnd = firstRow + Number(rows)
    const cells = new Map<string, ArrayLike<unknown>>()
    await parquetRead({
      file,
      metadata,
      compressors,
      columns,
      rowStart: firstRow,
      rowEnd,
      onChunk: ({ columnName, columnData }) => cells.set(columnName, columnData),
    })
    const at = (column: string, index: number): unknown => cells.get(column)?.[index]
    yield Array.from({ length: rowEnd - firstRow }, (_, index) => ({
      row: firstRow + index,
      origin: String(at('origin', index)),
      destination: String(at('destination', index)),
      distance: Number(at('distance', index)),
      delay: Number(at('delay', index)),
    }))
    firstRow = rowEnd
  }
}
