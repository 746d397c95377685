import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { compare, type ReadRow } from './compare.ts'
import { findRejects } from './failed-records.ts'
import { runFile } from './processes.ts'
import {
  type Finding,
  type FunctionWork,
  functionWork,
  processOf,
  type Proof,
  type ProofRun,
} from './proof.ts'
import { recountOrders } from './recount-orders.ts'
import { scanOrders } from './scan-orders.ts'
import { pipelineMetric } from './status.ts'

/** The result for the pipeline of the table's changes. */
export interface OrdersResult extends FunctionWork {
  /** Changes that the table acknowledged. */
  readonly changes: number
  /** As the function counts them; fewer where it died before it could say so, or where Momento's answer came too late. */
  readonly counted: number
  /** Lines in the table, as scanned. */
  readonly lines: number
  /** Changes in the failed-records bucket: there should be none. */
  readonly rejected: number
  readonly groups: number
}

const pipeline = 'orders'
/** They write to the table at once, each lines of its own. */
const producers = 2

/**
 * Writes order lines through their lives, by two producers at once, reads the sum over all windows back through the query
 * command, and compares it with a scan of the table.
 * @param lines as many for each producer
 */
export function ordersProof(run: ProofRun, lines: number): Proof<OrdersResult> {
  const { stack, directory, say, isDisturbed } = run
  const table = stack.outputs['OrdersTableName'] ?? ''
  const journals = Array.from({ length: producers }, (_, index) => join(directory, `orders-${index}.ndjson`))
  const startedMs = Date.now()

  async function check(): Promise<Readonly<Record<string, Finding<OrdersResult>>>> {
    const counts = await Promise.all(journals.map(readJournal))
    const all = (of: keyof JournalCounts): number => counts.reduce((sum, each) => sum + each[of], 0)
    const items = await scanOrders(table, stack.environment)
    const recount = recountOrders(items)
    const readBack = async (grouping: string): Promise<readonly [string, ReadRow[]]> => {
      const range = ['--from', String(startedMs), '--total', '--consistent', '--json']
      const args = [pipeline, '--group', grouping, ...range]
      const json = await runFile('query/query.ts', args, processOf(run, `${pipeline} by ${grouping}`))
      const rows = JSON.parse(json) as ReadRow[]
      return [grouping, rows.map((row) => ({ ...row, windowStart: 0 }))]
    }
    const rows = Object.fromEntries(await Promise.all(Object.keys(recount.groups).map(readBack)))
    const rejects = await findRejects(
      stack.outputs['FailedRecordsBucketName'] ?? '',
      pipeline,
      stack.environment,
    )
    const left = all('placed') - all('deleted')
    const changes = all('placed') + all('moved') + all('deleted')
    const counted = pipelineMetric(stack, pipeline, 'Counted')
    // What was stored in time but not answered in time is found again, and then counted as a duplicate.
    const mayMissSome = isDisturbed || pipelineMetric(stack, pipeline, 'StoreFailures') > 0
    const areCounted = mayMissSome ? counted <= changes : counted === changes
    return {
      [pipeline]: {
        result: {
          changes,
          counted,
          lines: items.length,
          rejected: rejects.length,
          groups: Object.values(rows).reduce((sum, { length }) => sum + length, 0),
          ...functionWork(stack, pipeline),
        },
        mismatches: [
          ...(all('placed') === producers * lines
            ? []
            : [`${all('placed')} lines are placed, not ${producers * lines}`]),
          // Without moves and deletes nothing would have been taken back.
          ...(all('moved') > lines && all('deleted') > 0
            ? []
            : [`${all('moved')} moves, ${all('deleted')} deletes`]),
          ...(items.length === left ? [] : [`${items.length} lines are in the table, ${left} should be`]),
          ...(areCounted ? [] : [`${counted} of ${changes} changes were counted`]),
          ...rejects.map(({ position, reason }) => `change ${position}: rejected as ${reason}`),
          ...compare(rows, recount).mismatches,
        ],
      },
    }
  }

  return {
    send: async () => {
      const runs = journals.map(async (journal, index) => {
        const name = `orders ${index + 1}`
        const args = ['orders', '--table', table, '--limit', String(lines), '--journal', journal]
        say(`${name}: ${(await runFile('producers/produce.ts', args, processOf(run, name))).trim()}`)
      })
      await Promise.all(runs)
    },
    check,
  }
}

interface JournalCounts {
  readonly placed: number
  readonly moved: number
  readonly deleted: number
}

async function readJournal(path: string): Promise<JournalCounts> {
  const counts = { placed: 0, moved: 0, deleted: 0 }
  for await (const line of createInterface(createReadStream(path))) {
    const { kind } = JSON.parse(line) as { readonly kind: keyof JournalCounts }
    counts[kind]++
  }
  return counts
}
