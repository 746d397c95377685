import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda'
import type { AdEvent } from '../ad-events.ts'

/** Where a peer finds what it needs. */
export interface PeerSurroundings {
  readonly campaignOf: ReadonlyMap<string, string>
  readonly momento: { readonly hostname: string; readonly port: number }
  readonly cacheName: string
  /** Of a local Secrets Manager that has the credentials under `secretArn`. */
  readonly secretsEndpoint: string
  readonly secretArn: string
}

/** What Lambda adds to the event of a mapping with a tumbling window (developer guide, "Kinesis windows"). */
export interface WindowEvent extends KinesisStreamEvent {
  readonly state?: Readonly<Record<string, number>>
  readonly isFinalInvokeForWindow?: boolean
}

export interface WindowAnswer {
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[]
  readonly state?: Readonly<Record<string, number>>
}

/** One way to count the views of each campaign: a Lambda function's handler, warm. */
export interface Peer {
  handle(event: WindowEvent): Promise<WindowAnswer>
  close(): void
}

export type OpenPeer = (surroundings: PeerSurroundings) => Promise<Peer>

/** As handlers are usually written. */
export function adEventOf({ kinesis }: KinesisStreamRecord): AdEvent {
  return JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8')) as AdEvent
}

/** Where a peer counts a campaign's views in a minute. */
export function viewsKey(campaign: string, timeMs: number): string {
  return `views:${Math.floor(timeMs / 60_000)}:${campaign}`
}
