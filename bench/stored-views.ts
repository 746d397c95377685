import { type CacheClient, CacheGet, CredentialProvider } from '@gomomento/sdk'
import { momentoCellStore } from '../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../consumers/adapters/momento-clients.ts'
import { minutes } from '../consumers/engine/pipeline.ts'
import { read } from '../consumers/engine/read.ts'
import { adViews } from './ad-events.ts'
import { momentoClient } from './peers/momento-client.ts'
import { type PeerSurroundings, viewsKey } from './peers/peer.ts'

/** The views of each campaign in one minute, as a peer's counters have them. */
export async function countedViews(places: PeerSurroundings, minuteMs: number): Promise<Map<string, number>> {
  const client = momentoClient(places)
  const campaigns = [...new Set(places.campaignOf.values())]
  const views = await Promise.all(
    campaigns.map(
      async (campaign) =>
        [campaign, await counter(client, places.cacheName, viewsKey(campaign, minuteMs))] as const,
    ),
  )
  client.close()
  return new Map(views)
}

/** The views of each campaign in one minute, as the project's cells have them. */
export async function foldedViews(places: PeerSurroundings, minuteMs: number): Promise<Map<string, number>> {
  const clients = new MomentoClients(async () => CredentialProvider.forMomentoLocal(places.momento))
  const store = momentoCellStore(clients, places.cacheName)
  const { rows } = await read(
    adViews(places.campaignOf),
    store,
    { nowMs: () => Date.now() },
    {
      grouping: 'campaign',
      from: minuteMs,
      to: minuteMs + minutes(1),
      consistency: 'consistent',
    },
  )
  await clients.close()
  return new Map(rows.map(({ key, values }) => [String(key), (values as { views?: number }).views ?? 0]))
}

async function counter(client: CacheClient, cacheName: string, key: string): Promise<number> {
  const answer = await client.get(cacheName, key)
  if (answer instanceof CacheGet.Hit) return Number(answer.valueString())
  if (answer instanceof CacheGet.Miss) return 0
  throw new Error('a counter could not be read')
}
