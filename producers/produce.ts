import { Command } from 'commander'
import { runCommand } from '../command-line.ts'
import { flightsCommand } from './flights.ts'
import { linesCommand } from './lines.ts'
import { ordersCommand } from './orders.ts'

await runCommand(
  new Command('produce')
    .description('Writes records into a source, as producers do.')
    .addCommand(flightsCommand())
    .addCommand(linesCommand())
    .addCommand(ordersCommand()),
)
