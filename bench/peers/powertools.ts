import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency'
import { CacheIncrement } from '@gomomento/sdk'
import type { KinesisStreamRecord } from 'aws-lambda'
import { viewId } from '../ad-events.ts'
import { lambdaContext } from './lambda-context.ts'
import { momentoClient } from './momento-client.ts'
import { MomentoPersistence } from './momento-persistence.ts'
import { adEventOf, type OpenPeer, viewsKey } from './peer.ts'

/** A claim is taken over once the invocation that made it has run out of its time: soon, for a benchmark with kills. */
const claimMs = 1_000

/** Powertools' batch processing and idempotency as their guides put them together, around an increment. */
export const openPowertools: OpenPeer = async (surroundings) => {
  const { campaignOf, cacheName } = surroundings
  const client = momentoClient(surroundings)
  const config = new IdempotencyConfig({ throwOnNoIdempotencyKey: true })
  const countOnce = makeIdempotent(
    async (_id: string, campaign: string, timeMs: number): Promise<void> => {
      const views = await client.increment(cacheName, viewsKey(campaign, timeMs))
      if (!(views instanceof CacheIncrement.Success)) throw new Error('Momento refused an increment')
    },
    {
      persistenceStore: new MomentoPersistence(client, cacheName),
      config,
      dataIndexArgument: 0,
    },
  )
  const processRecord = async (record: KinesisStreamRecord): Promise<void> => {
    const event = adEventOf(record)
    if (event.event_type !== 'view') return
    const campaign = campaignOf.get(event.ad_id) ?? 'unknown'
    await countOnce(viewId(event).join('|'), campaign, Number(event.event_time))
  }
  const processor = new BatchProcessor(EventType.KinesisDataStreams)
  return {
    handle: (event) => {
      const context = lambdaContext(claimMs)
      config.registerLambdaContext(context)
      return processPartialResponse(event, processRecord, processor, {
        context,
        throwOnFullBatchFailure: false,
      })
    },
    close: () => client.close(),
  }
}
