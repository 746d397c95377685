import { type CacheClient, CacheIncrement, CacheSetIfAbsent } from '@gomomento/sdk'
import type { KinesisStreamRecord } from 'aws-lambda'
import { mapConcurrently } from '../../consumers/engine/map-concurrently.ts'
import { viewId } from '../ad-events.ts'
import { momentoClient } from './momento-client.ts'
import { adEventOf, type OpenPeer, viewsKey } from './peer.ts'

const concurrentRecords = 100

/** Marks each event as seen, and where that is news increments a counter. A record whose requests fail comes again. */
export const openSetIfAbsent: OpenPeer = async (surroundings) => {
  const { campaignOf, cacheName } = surroundings
  const client = momentoClient(surroundings)
  return {
    handle: async ({ Records }) => {
      const failures: { itemIdentifier: string }[] = []
      await mapConcurrently(Records, concurrentRecords, async (record) => {
        const isDone = await countOnce(client, cacheName, campaignOf, record)
        if (!isDone) failures.push({ itemIdentifier: record.kinesis.sequenceNumber })
      })
      return { batchItemFailures: failures }
    },
    close: () => client.close(),
  }
}

async function countOnce(
  client: CacheClient,
  cacheName: string,
  campaignOf: ReadonlyMap<string, string>,
  record: KinesisStreamRecord,
): Promise<boolean> {
  const event = adEventOf(record)
  if (event.event_type !== 'view') return true
  const seen = await client.setIfAbsent(cacheName, `seen:${viewId(event).join('|')}`, '')
  if (seen instanceof CacheSetIfAbsent.NotStored) return true
  if (!(seen instanceof CacheSetIfAbsent.Stored)) return false
  const campaign = campaignOf.get(event.ad_id) ?? 'unknown'
  const views = await client.increment(cacheName, viewsKey(campaign, Number(event.event_time)))
  return views instanceof CacheIncrement.Success
}
