import { randomUUID } from 'node:crypto'
import { Command } from 'commander'
import { share, wholeNumberFrom } from '../command-line.ts'
import { departures } from './lib/departures.ts'
import { flightRecords } from './lib/flight-records.ts'
import { produce, type ProduceOptions, withProduceOptions } from './lib/produce.ts'

interface Options extends ProduceOptions {
  readonly limit?: number
  readonly duplicates: number
  readonly garbage: number
}

/** `produce flights`: streams real departures into a Kinesis stream. */
export function flightsCommand(): Command {
  const command = new Command('flights')
    .description(
      'Streams real departures (US domestic flights of 2001) into a Kinesis stream, as if they left now.',
    )
    .option('--limit <count>', 'departures to send (default: all 3,000,000)', wholeNumberFrom(1))
    .option('--duplicates <share>', 'departures to send twice, such as 5%', share, 0)
    .option('--garbage <count>', 'unreadable records to mix in', wholeNumberFrom(0), 0)
  return withProduceOptions(command).action(async (options: Options) => {
    const { limit, duplicates, garbage } = options
    const records = flightRecords(departures(), {
      run: randomUUID(),
      ...(limit !== undefined && { limit }),
      duplicates,
      garbage,
      nowMs: () => Date.now(),
    })
    const totalRecords = limit === undefined ? undefined : limit + Math.floor(limit * duplicates) + garbage
    await produce(options, () => records, totalRecords)
  })
}
