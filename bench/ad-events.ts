import type { KinesisStreamEvent } from 'aws-lambda'
import * as z from 'zod'
import { count, definePipeline, minutes, type Pipeline, tumbling } from '../consumers/engine/pipeline.ts'
import { seededRandom } from '../producers/lib/seeded-random.ts'

// The advertising events of the Yahoo streaming benchmark: seven texts, some 280 bytes of JSON, of which views are counted
// by campaign. All are views, as a filter of the mapping would leave them.

const adsPerCampaign = 10
const pages = 100
const adTypes = ['banner', 'modal', 'sponsored-search', 'mail', 'mobile']
const paneMs = minutes(1)
/** What one shard takes in a minute at most: 1,000 records a second (Kinesis' quotas page). */
const recordsPerPane = 60_000
const streamArn = 'arn:aws:kinesis:eu-west-1:123456789012:stream/ad-events'

export const adEventSchema = z.object({
  user_id: z.string(),
  page_id: z.string(),
  ad_id: z.string(),
  ad_type: z.string(),
  event_type: z.string(),
  /** Epoch milliseconds, as a text. */
  event_time: z.string(),
  ip_address: z.string(),
})

export type AdEvent = z.infer<typeof adEventSchema>

/** The one view of an ad by a user in a millisecond. */
export function viewId({ user_id: user, ad_id: ad, event_time: time }: AdEvent): readonly string[] {
  return [user, ad, time]
}

/** The campaign of each ad. */
export function campaignsByAd(campaigns: number): ReadonlyMap<string, string> {
  return new Map(
    Array.from({ length: campaigns * adsPerCampaign }, (_, ad) => [
      uuid('ad', ad),
      uuid('campaign', ad % campaigns),
    ]),
  )
}

/** Views by campaign and minute, in as many buckets as the stream has shards. */
export function adViews(campaignOf: ReadonlyMap<string, string>): Pipeline {
  return definePipeline(adEventSchema, {
    name: 'ad-views',
    id: viewId,
    time: (event) => Number(event.event_time),
    window: tumbling(paneMs),
    where: (event) => event.event_type === 'view',
    groupBy: { campaign: (event) => campaignOf.get(event.ad_id) ?? 'unknown' },
    measures: { views: count() },
    bucketBy: 'campaign',
    buckets: 4,
    maximumGroups: 10_000,
  })
}

/** How partition keys are drawn. */
export interface AdEventsOptions {
  readonly seed: number
  readonly campaigns: number
  /** Start of the first pane, epoch milliseconds. */
  readonly fromMs: number
  /** Which campaign comes next, from a number in [0, 1). Default: each as often as any other. */
  readonly campaignOf?: (fraction: number) => number
  /** Share of the records that are sent once more, right away. Default 0. */
  readonly repeatShare?: number
  /** Called with each event, but not with its repeats. */
  readonly onEvent?: (event: AdEvent) => void
}

/** Makes batches as Lambda hands them to a function; the events of a minute follow each other, then comes the next. */
export class AdEvents {
  readonly #options: AdEventsOptions
  readonly #random: () => number
  readonly #ads: readonly string[]
  readonly #pages = Array.from({ length: pages }, (_, page) => uuid('page', page))
  #sent = 0
  #records = 0
  #last: AdEvent | undefined

  constructor(options: AdEventsOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#ads = [...campaignsByAd(options.campaigns).keys()]
  }

  batch(records: number): KinesisStreamEvent {
    const Records = Array.from({ length: records }, () => this.#record(this.#event()))
    // As the runtime makes it: no two records share a text.
    return JSON.parse(JSON.stringify({ Records })) as KinesisStreamEvent
  }

  #event(): AdEvent {
    const { campaigns, fromMs, campaignOf, onEvent, repeatShare = 0 } = this.#options
    if (this.#last !== undefined && this.#random() < repeatShare) return this.#last
    const drawn = this.#random()
    const campaign = campaignOf?.(drawn) ?? Math.floor(drawn * campaigns)
    const ad = campaign + campaigns * Math.floor(this.#random() * adsPerCampaign)
    const pane = Math.floor(this.#sent / recordsPerPane)
    const inPane = this.#sent % recordsPerPane
    const event = {
      user_id: uuid(`user ${this.#options.seed}`, this.#sent),
      page_id: this.#pages[Math.floor(this.#random() * pages)] ?? '',
      ad_id: this.#ads[ad] ?? '',
      ad_type: adTypes[Math.floor(this.#random() * adTypes.length)] ?? '',
      event_type: 'view',
      event_time: String(fromMs + pane * paneMs + Math.floor((inPane / recordsPerPane) * paneMs)),
      ip_address: `10.${this.#byte()}.${this.#byte()}.${this.#byte()}`,
    }
    this.#sent++
    this.#last = event
    onEvent?.(event)
    return event
  }

  #record(event: AdEvent): unknown {
    const sequenceNumber = `4961518242139${String(++this.#records).padStart(43, '0')}`
    return {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: event.user_id,
        sequenceNumber,
        data: Buffer.from(JSON.stringify(event)).toString('base64'),
        approximateArrivalTimestamp: Number(event.event_time) / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/ad-views',
      awsRegion: 'eu-west-1',
      eventSourceARN: streamArn,
    }
  }

  #byte(): number {
    return Math.floor(this.#random() * 256)
  }
}

/** A text that looks like a UUID and is the same for the same thing. */
function uuid(kind: string, number: number): string {
  const random = seededRandom(number * 31 + hashOf(kind))
  const digits = (length: number): string =>
    Math.floor(random() * 16 ** length)
      .toString(16)
      .padStart(length, '0')
  return `${digits(8)}-${digits(4)}-${digits(4)}-${digits(4)}-${digits(6)}${digits(6)}`
}

function hashOf(text: string): number {
  let hash = 7
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 31) + text.charCodeAt(at)
  return hash
}
