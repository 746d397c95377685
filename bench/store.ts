import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { CredentialProvider } from '@gomomento/sdk'
import type { KinesisStreamEvent } from 'aws-lambda'
import { momentoCellStore } from '../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../consumers/adapters/momento-clients.ts'
import { bucketOf } from '../consumers/engine/identity.ts'
import { minutes } from '../consumers/engine/pipeline.ts'
import type { Ports } from '../consumers/engine/ports.ts'
import { processBatch } from '../consumers/engine/process-batch.ts'
import { WarmCells } from '../consumers/engine/warm-cells.ts'
import { kinesisRecords } from '../consumers/sources/kinesis.ts'
import { AdEvents, adViews, campaignsByAd } from './ad-events.ts'
import { barChart } from './bar-chart.ts'
import { Arena } from './contestants.ts'
import { publish, rounded, type Row } from './results.ts'

// What 1,000 records cost at the store, as the local Momento counts it: requests, and bytes of values to and fro. What
// the records hold and how the lanes take turns decide it, and not the machine.

const seed = 20260102
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
/** Batches of a lane that are measured, by their size. */
const batchesOf = new Map(
  quick
    ? [
        [100, 20],
        [1_000, 6],
        [10_000, 1],
      ]
    : [
        [100, 40],
        [1_000, 12],
        [10_000, 2],
      ],
)
const groupCounts = quick ? [100] : [100, 10_000]
const laneCounts = [1, 10]

/** From a number in [0, 1) to a campaign's number. */
const keys = {
  even: (campaigns: number) => (fraction: number) => Math.floor(fraction * campaigns),
  'long-tailed': (campaigns: number) => (fraction: number) => Math.floor(fraction ** 5 * campaigns),
  'half of one': (campaigns: number) => (fraction: number) =>
    fraction < 0.5 ? 0 : Math.floor((fraction - 0.5) * 2 * campaigns),
}

interface Case {
  readonly groups: number
  readonly batchRecords: number
  readonly lanes: number
  readonly isWarm: boolean
  readonly keys: keyof typeof keys
  /** Producers partition by campaign, so that a lane meets one bucket of the four; otherwise it meets all. */
  readonly isOneBucket: boolean
}

const arena = await Arena.open()
const { momento, cacheName } = arena.places
const clients = new MomentoClients(async () => CredentialProvider.forMomentoLocal(momento))
const rows: Row[] = []
try {
  for (const each of cases()) {
    rows.push(await measure(each))
    console.error(`${rows.length} of ${cases().length}`)
  }
  await report()
} finally {
  await clients.close()
  await arena.close()
}

function cases(): Case[] {
  const grid = groupCounts.flatMap((groups) =>
    [...batchesOf.keys()].flatMap((batchRecords) =>
      laneCounts.flatMap((lanes) =>
        [true, false].map((isWarm): Case => ({
          groups,
          batchRecords,
          lanes,
          isWarm,
          keys: 'even',
          isOneBucket: false,
        })),
      ),
    ),
  )
  const atThousand = grid.filter(({ batchRecords, isWarm }) => batchRecords === 1_000 && isWarm)
  return [
    ...grid,
    ...atThousand.map((each): Case => ({ ...each, keys: 'long-tailed' })),
    ...atThousand.map((each): Case => ({ ...each, keys: 'half of one' })),
    ...grid.filter(({ isWarm }) => isWarm).map((each): Case => ({ ...each, isOneBucket: true })),
  ]
}

/** Every case has minutes of its own, so cells of its own. */
async function measure(each: Case): Promise<Row> {
  const campaignOf = campaignsByAd(each.groups)
  const pipeline = adViews(campaignOf)
  const firstMinute = Math.floor(Date.now() / minutes(1)) + rows.length * 2
  const drawn = keys[each.keys](each.groups)
  const ofShard = shardCampaigns(each.groups, campaignOf)
  const campaign = (fraction: number): number =>
    each.isOneBucket ? (ofShard[drawn(fraction) % ofShard.length] ?? 0) : drawn(fraction)
  const batches = batchesOf.get(each.batchRecords) ?? 1
  let redelivered = 0
  const lanes = Array.from({ length: each.lanes }, (_, lane) => {
    const events = new AdEvents({
      seed: seed + lane + rows.length * 100,
      campaigns: each.groups,
      fromMs: firstMinute * minutes(1),
      campaignOf: campaign,
    })
    const warm = new WarmCells()
    return async (count: number): Promise<void> => {
      for (let batch = 0; batch < count; batch++) {
        await handle(events.batch(each.batchRecords), each.isWarm ? warm : new WarmCells())
      }
    }
  })
  const handle = async ({ Records }: KinesisStreamEvent, warm: WarmCells): Promise<void> => {
    const { firstUnfinished } = await processBatch(pipeline, kinesisRecords({ Records }), ports(), warm)
    if (firstUnfinished === undefined) return
    // As the mapping does: from the first unfinished record on.
    redelivered += Records.length - firstUnfinished
    await handle({ Records: Records.slice(firstUnfinished) }, warm)
  }
  await Promise.all(lanes.map((run) => run(1)))
  redelivered = 0
  const before = await arena.store()
  await Promise.all(lanes.map((run) => run(batches)))
  const after = await arena.store()
  const thousands = (each.lanes * batches * each.batchRecords) / 1_000
  return {
    groups: each.groups,
    batch: each.batchRecords,
    lanes: each.lanes,
    copies: each.isWarm ? 'warm' : 'cold',
    keys: each.keys,
    'buckets met': each.isOneBucket ? 1 : 4,
    'requests / 1,000': rounded((after.requests - before.requests) / thousands),
    'written / record': rounded((after.bytesIn - before.bytesIn) / thousands / 1_000),
    'read / record': rounded((after.bytesOut - before.bytesOut) / thousands / 1_000),
    'redelivered / 1,000': rounded(redelivered / thousands),
  }
}

function shardCampaigns(campaigns: number, campaignOf: ReadonlyMap<string, string>): number[] {
  const names = [...campaignOf.values()].slice(0, campaigns)
  return [...names.keys()].filter((index) => bucketOf(names[index] ?? '', 4) === 0)
}

function ports(): Ports {
  const startMs = Date.now()
  return {
    store: momentoCellStore(clients, cacheName),
    failedRecords: {
      writeTimeoutMs: 0,
      write: async ([record]) => {
        throw new Error(`a record was rejected: ${record?.reason}`)
      },
    },
    clock: { nowMs: () => Date.now(), sleep: async (durationMs) => setTimeout(durationMs) },
    random: { bytes: (size) => randomBytes(size), fraction: () => Math.random() },
    deadline: { remainingMs: () => startMs + minutes(1) - Date.now() },
  }
}

async function report(): Promise<void> {
  const plain = (batch: number): Row | undefined =>
    rows.find(
      (row) =>
        row['groups'] === 100 &&
        row['batch'] === batch &&
        row['lanes'] === 1 &&
        row['copies'] === 'warm' &&
        row['keys'] === 'even' &&
        row['buckets met'] === 4,
    )
  await publish({
    name: 'store',
    question: 'How many requests and bytes does the store see for 1,000 records?',
    isQuick: quick,
    seed,
    tables: [rows],
    figures: {
      warmOneLane: {
        requestsPer1000At10000: plain(10_000)?.['requests / 1,000'],
        requestsPer1000At1000: plain(1_000)?.['requests / 1,000'],
        requestsPer1000At100: plain(100)?.['requests / 1,000'],
        bytesWrittenPerRecordAt1000: plain(1_000)?.['written / record'],
      },
    },
    doesNotShow: [
      'lanes of processes of their own: here they share one, and meet at the store as their requests overlap',
      'a store with a network before it, at which slower swaps meet more often',
      'what Momento charges: it counts started kilobytes, and conditional writes twice',
    ],
    plot: barChart({
      title: 'Store requests for 1,000 records, 100 groups, even keys',
      xLabel: 'requests',
      isLogarithmic: true,
      bars: rows
        .filter((row) => row['groups'] === 100 && row['keys'] === 'even' && row['buckets met'] === 4)
        .map((row) => ({
          label: `${row['batch']} a batch, ${row['lanes']} lanes, ${row['copies']}`,
          value: Number(row['requests / 1,000']),
        })),
    }),
  })
}
