import { CacheSet } from '@gomomento/sdk'
import type { KinesisStreamEvent } from 'aws-lambda'
import { momentoClient } from './momento-client.ts'
import { adEventOf, type OpenPeer, viewsKey } from './peer.ts'

/** What Lambda adds to the event of a mapping with a tumbling window (developer guide, "Kinesis windows"). */
interface WindowEvent extends KinesisStreamEvent {
  readonly state?: Readonly<Record<string, number>>
  readonly isFinalInvokeForWindow?: boolean
}

/**
 * Counts in the mapping's own state, which comes with each event of a window and goes back with each answer, and is
 * written when the window ends. The state here is what the last answer was, as JSON, as the mapping would hand it over.
 */
export const openTumbling: OpenPeer = async (surroundings) => {
  const { campaignOf, cacheName } = surroundings
  const client = momentoClient(surroundings)
  let stateJson = '{}'
  const handle = async ({ Records, state = {}, isFinalInvokeForWindow = false }: WindowEvent) => {
    const views = new Map(Object.entries(state))
    for (const record of Records) {
      const event = adEventOf(record)
      if (event.event_type !== 'view') continue
      const campaign = campaignOf.get(event.ad_id) ?? 'unknown'
      const key = viewsKey(campaign, Number(event.event_time))
      views.set(key, (views.get(key) ?? 0) + 1)
    }
    if (isFinalInvokeForWindow) {
      const answers = await Promise.all(
        Array.from(views, ([key, count]) => client.set(cacheName, key, String(count))),
      )
      if (answers.some((answer) => !(answer instanceof CacheSet.Success)))
        throw new Error('not all was written')
    }
    return { state: Object.fromEntries(views), batchItemFailures: [] }
  }
  return {
    handle: async (event) => {
      const answer = await handle({ ...event, state: JSON.parse(stateJson) as Record<string, number> })
      stateJson = JSON.stringify(answer.state)
      return answer
    },
    close: () => client.close(),
  }
}
