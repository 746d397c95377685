import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../producers/lib/seeded-random.ts'
import { barChart } from './bar-chart.ts'
import { type AdEvent, AdEvents, campaignsByAd } from './ad-events.ts'
import { Arena } from './contestants.ts'
import type { PeerName } from './contestant.ts'
import { publish, rounded, type Row } from './results.ts'
import { countedViews, foldedViews } from './stored-views.ts'

// How wrong totals are after the same faults: answers of the store are lost, functions are killed in the middle of a
// batch, batches come again although they were done, and the producer repeats events. Each handler goes through the same
// seeded story, and what is in the cache afterwards is compared with what was sent.

const seed = 20260103
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const batches = quick ? 12 : 30
const batchRecords = 200
const campaigns = 20
const mostDeliveries = 30
const retryPauseMs = 100
/** Store calls of a batch before one of which the function is killed. */
const killedWithin = 12
const killShare = 0.15
const redeliveryShare = 0.15
const repeats = 0.03
const lostAnswers = 0.02

const stories = {
  'no fault': { loseAnswerRate: 0, killShare: 0, redeliveryShare: 0, repeatShare: 0 },
  'producer repeats': { loseAnswerRate: 0, killShare: 0, redeliveryShare: 0, repeatShare: repeats },
  redelivery: { loseAnswerRate: 0, killShare: 0, redeliveryShare, repeatShare: 0 },
  'lost answers': { loseAnswerRate: lostAnswers, killShare: 0, redeliveryShare: 0, repeatShare: 0 },
  kills: { loseAnswerRate: 0, killShare, redeliveryShare: 0, repeatShare: 0 },
  'all of them': { loseAnswerRate: lostAnswers, killShare, redeliveryShare, repeatShare: repeats },
}
type Story = (typeof stories)[keyof typeof stories]
const peerNames = [
  'streamtally',
  'setIfAbsent',
  'powertools',
  'tumbling',
] as const satisfies readonly PeerName[]

const arena = await Arena.open()
let told = 0
try {
  const rows: Row[] = []
  for (const [name, story] of Object.entries(stories)) {
    for (const peer of peerNames) {
      rows.push({ faults: name, handler: peer, ...(await tell(peer, story)) })
      console.error(`${name}, ${peer}`)
    }
  }
  const worst = rows.filter(({ faults }) => faults === 'all of them')
  await publish({
    name: 'exactness',
    question: 'How wrong are the totals after faults?',
    isQuick: quick,
    seed,
    tables: [rows],
    figures: {
      relativeErrorUnderAllFaults: Object.fromEntries(
        worst.map(({ handler, 'relative error': error }) => [handler, error]),
      ),
    },
    doesNotShow: [
      'how often such faults happen: they are far more frequent here, so that a few thousand events meet many',
      'a loss of items in the cache: that is the simulation’s part',
      'that a kill may end a write at the store in other ways than not sent, and applied',
    ],
    plot: barChart({
      title: 'Sum of the campaigns’ errors after all faults',
      xLabel: '% of the events sent',
      bars: worst.map((row) => ({
        label: String(row['handler']),
        value: 100 * Number(row['relative error']),
      })),
    }),
  })
} finally {
  await arena.close()
}

/** One handler through one story; a killed function is replaced by a new one, and its batch comes again. */
async function tell(peer: PeerName, story: Story): Promise<Row> {
  const random = seededRandom(seed)
  // A minute of its own, so that no story meets what another left.
  const fromMs = (Math.floor(Date.now() / 60_000) + told++ * 2) * 60_000
  const options = { peer, campaigns, seed, fromMs, repeatShare: story.repeatShare }
  const faults = { loseAnswerRate: story.loseAnswerRate }
  await arena.store(faults)
  let contestant = await arena.contestant(options)
  // What the mapping keeps: a tumbling window's state as of the last batch that was done.
  let state: Readonly<Record<string, number>> = {}
  let kills = 0
  let givenUp = 0
  const deliver = async (batch: number, isFinal = false): Promise<void> => {
    // The last call of a window has no records.
    let from = isFinal ? batchRecords : 0
    for (let delivery = 1; delivery <= mostDeliveries; delivery++) {
      const delivered = await contestant.deliver({ batch, batchRecords, from, state, isFinal })
      if (delivered.firstFailed === undefined) {
        state = delivered.state
        return
      }
      from = delivered.firstFailed
      await setTimeout(retryPauseMs)
    }
    givenUp++
  }
  for (let batch = 0; batch < batches; batch++) {
    if (random() < story.killShare) {
      const delivery = { batch, batchRecords, from: 0, state, isFinal: false }
      const stopped = arena.stopAfter(1 + Math.floor(random() * killedWithin))
      // A handler that makes fewer requests is done before; its answer is lost with it.
      await Promise.race([stopped, contestant.deliver(delivery)]).catch(() => {})
      await contestant.kill()
      kills++
      await arena.store(faults)
      contestant = await arena.contestant(options)
    }
    const stateBefore = state
    await deliver(batch)
    if (random() < story.redeliveryShare) {
      // The mapping did not hear of the first one: neither that it was done, nor its state.
      state = stateBefore
      await deliver(batch)
    }
  }
  if (peer === 'tumbling') await deliver(batches - 1, true)
  await arena.store()
  contestant.close()
  return { ...(await compare(peer, options)), kills, 'batches given up': givenUp }
}

async function compare(
  peer: PeerName,
  { fromMs, repeatShare }: { readonly fromMs: number; readonly repeatShare: number },
): Promise<Row> {
  const campaignOf = campaignsByAd(campaigns)
  const expected = new Map<string, number>()
  const onEvent = ({ ad_id: ad }: AdEvent): void => {
    const campaign = campaignOf.get(ad) ?? 'unknown'
    expected.set(campaign, (expected.get(campaign) ?? 0) + 1)
  }
  const events = new AdEvents({ seed, campaigns, fromMs, repeatShare, onEvent })
  for (let batch = 0; batch < batches; batch++) events.batch(batchRecords)
  const places = { ...arena.places, campaignOf }
  const stored = await (peer === 'streamtally' ? foldedViews : countedViews)(places, fromMs)
  const wrong = [...expected].reduce(
    (sum, [campaign, views]) => sum + Math.abs(views - (stored.get(campaign) ?? 0)),
    0,
  )
  return {
    'events sent': total(expected),
    counted: total(stored),
    'relative error': rounded(wrong / total(expected), 4),
  }
}

function total(views: ReadonlyMap<string, number>): number {
  return [...views.values()].reduce((sum, each) => sum + each, 0)
}
