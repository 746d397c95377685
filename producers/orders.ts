import { randomInt, randomUUID } from 'node:crypto'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { Command, Option } from 'commander'
import { wholeNumberFrom } from '../command-line.ts'
import { orderLines } from './lib/order-lines.ts'
import { orderLives } from './lib/order-lives.ts'
import { requestTimeoutMs, runProducer, type RunOptions, withRunOptions } from './lib/run-producer.ts'
import { writeLives } from './lib/write-lives.ts'

interface Options extends RunOptions {
  readonly table: string
  readonly limit?: number
  readonly seed?: number
}

const seeds = 2 ** 32

/** `produce orders`: writes real order lines into a DynamoDB table, through their lives. */
export function ordersCommand(): Command {
  const command = new Command('orders')
    .description(
      'Writes real order lines (of a US superstore) into a DynamoDB table, and moves each through its life.',
    )
    .option(
      '--limit <lines>',
      'order lines to write (default: all 9,994 again and again, until Ctrl-C)',
      wholeNumberFrom(1),
    )
    .option('--seed <number>', 'the same seed makes the same lives (default: any)', wholeNumberFrom(0))
  const source = new Option('--table <name>', 'the table to write to').env('TABLE_NAME')
  return withRunOptions(command, { source, noun: 'changes', calls: 'requests', concurrency: 8 }).action(
    produceOrders,
  )
}

async function produceOrders(options: Options): Promise<void> {
  const { table: tableName, rate, concurrency, limit, seed = randomInt(seeds) } = options
  const counts = { placed: 0, moved: 0, deleted: 0, conflicts: 0, refused: 0 }
  const changes = (): number => counts.placed + counts.moved + counts.deleted
  const lines = await orderLines()
  // The connections that the SDK opens by itself are 50.
  const sockets = { maxSockets: concurrency }
  const client = new DynamoDBClient({
    requestHandler: {
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: sockets,
      httpsAgent: sockets,
    },
  })
  const table = { client, tableName, onRefused: (count: number) => void (counts.refused += count) }
  const lives = { run: randomUUID(), ...(limit !== undefined && { limit }), seed }
  const tally = {
    noun: 'changes',
    progress: () => ({
      done: changes(),
      remarks:
        (counts.conflicts > 0 ? `, ${counts.conflicts} conflicts` : '') +
        (counts.refused > 0 ? `, ${counts.refused} refused and made again` : ''),
    }),
    summary: () => ({ ...counts, seed }),
    inWords: ({ placed, moved, deleted, conflicts, refused }: typeof counts, seconds: number) =>
      `${placed} lines placed, ${moved} moved and ${deleted} deleted in ${seconds.toFixed(1)} s ` +
      `(${Math.round(changes() / seconds)} changes/s, ${conflicts} conflicts, ${refused} refused and made again; seed ${seed})`,
  }
  try {
    await runProducer(options, tally, (signal, journal) =>
      writeLives(orderLives(lines, lives), {
        table,
        ...(rate !== undefined && { rate }),
        concurrency,
        signal,
        onChanged: (change) => {
          const kind = change.old === undefined ? 'placed' : change.new === undefined ? 'deleted' : 'moved'
          counts[kind]++
          journal?.write({ kind, ...change })
        },
        onConflict: () => void counts.conflicts++,
      }),
    )
  } finally {
    client.destroy()
  }
}
