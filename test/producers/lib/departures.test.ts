import { fileURLToPath } from 'node:url'
import { parquetMetadataAsync } from 'hyparquet'
import { asyncBufferFromFile } from 'hyparquet/src/node.js'
import { expect, it } from 'vitest'
import { type Departure, departures } from '../../../producers/lib/departures.ts'

it('come in the order of the file, a row group at a time', async () => {
  const groups: (readonly Departure[])[] = []
  for await (const group of departures()) {
    groups.push(group)
    if (groups.length === 2) break
  }
  const [first, second] = groups
  expect([first?.length, second?.length]).toEqual([272_727, 272_727])
  expect(first?.slice(0, 1)).toEqual([
    { row: 0, origin: 'LAS', destination: 'PHL', distance: 2_176, delay: 33 },
  ])
  expect(first?.at(-1)).toEqual({
    row: 272_726,
    origin: 'HOU',
    destination: 'OKC',
    distance: 419,
    delay: -10,
  })
  expect(second?.[0]).toEqual({ row: 272_727, origin: 'OAK', destination: 'BUR', distance: 325, delay: 14 })
  const whole = (first ?? []).every(
    ({ row, origin, destination, distance, delay }, index) =>
      row === index &&
      /^[A-Z]{3}$/.test(origin) &&
      /^[A-Z]{3}$/.test(destination) &&
      Number.isInteger(distance) &&
      Number.isInteger(delay),
  )
  expect(whole).toBe(true)
})

it('are 3,000,000, as the file says of itself', async () => {
  const path = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
  const { row_groups: groups, num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path))
  expect(rows).toBe(3_000_000n)
  expect(groups.reduce((sum, group) => sum + group.num_rows, 0n)).toBe(3_000_000n)
})
