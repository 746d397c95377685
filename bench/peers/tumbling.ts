import { CacheSet } from '@gomomento/sdk'
import { momentoClient } from './momento-client.ts'
import { adEventOf, type OpenPeer, viewsKey, type WindowEvent } from './peer.ts'

/**
 * Counts in the mapping's own state, which comes with each event of a window and goes back with each answer, and is
 * written when the window ends.
 */
export const openTumbling: OpenPeer = async (surroundings) => {
  const { campaignOf, cacheName } = surroundings
  const client = momentoClient(surroundings)
  return {
    handle: async ({ Records, state = {}, isFinalInvokeForWindow = false }: WindowEvent) => {
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
    },
    close: () => client.close(),
  }
}
