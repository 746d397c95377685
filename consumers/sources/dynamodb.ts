import { RejectError } from '../engine/errors.ts'
import type { Position, SourceRecord, UnreadableRecord } from '../engine/ports.ts'
import { keyText, plainItem } from './attribute-values.ts'
import { field, recordsIn } from './event-fields.ts'

const viewType = 'NEW_AND_OLD_IMAGES'
/** The principal of deletes by a table's time to live (developer guide, "DynamoDB Streams and Time to Live"). */
const timeToLive = { type: 'Service', principalId: 'dynamodb.amazonaws.com' }

/**
 * The changes in a Lambda event from an event source mapping of a DynamoDB stream, in the batch's order: `{ old, new }`
 * as JSON, of plain objects, without `old` where the item is new and without `new` where it was deleted; with
 * `expired: true` where the table's time to live did it. The partition key is the item's key. A record that is not
 * DynamoDB's, has no identity or lacks an image comes out as unreadable, to be rejected; none is ever left out.
 * @throws Error where the event is no batch at all: then there is nothing to report on.
 */
export function dynamodbRecords(event: unknown): (SourceRecord | UnreadableRecord)[] {
  return recordsIn(event).map(toRecord)
}

function toRecord(raw: unknown): SourceRecord | UnreadableRecord {
  const position = positionOf(raw)
  try {
    const change = field(raw, 'dynamodb')
    const arrivalSeconds = field(change, 'ApproximateCreationDateTime')
    const isDynamodb = field(raw, 'eventSource') === 'aws:dynamodb'
    if (
      !isDynamodb ||
      position === undefined ||
      typeof arrivalSeconds !== 'number' ||
      !Number.isFinite(arrivalSeconds)
    ) {
      throw new RejectError(
        'unknown-source',
        'the record is not as DynamoDB event source mappings deliver it',
      )
    }
    return {
      position,
      partitionKey: keyText(field(change, 'Keys')),
      arrivalMs: Math.round(arrivalSeconds * 1_000),
      payload: Buffer.from(JSON.stringify(imagesOf(raw, change))),
      raw,
    }
  } catch (error) {
    if (!(error instanceof RejectError)) throw error
    return { reason: error.reason, detail: error.message, ...(position && { position }), raw }
  }
}

/**
 * The event tells no shard, and a sequence number is promised to be a place in its shard only (developer guide, "Change
 * data capture for DynamoDB Streams"). `eventID` is globally unique (API reference, "Record"), so it stands where the
 * shard would.
 */
function positionOf(raw: unknown): Position | undefined {
  const stream = field(raw, 'eventSourceARN')
  const shard = field(raw, 'eventID')
  const sequenceNumber = field(field(raw, 'dynamodb'), 'SequenceNumber')
  if (typeof stream !== 'string' || typeof shard !== 'string' || typeof sequenceNumber !== 'string')
    return undefined
  return { stream, shard, sequenceNumber }
}

function imagesOf(raw: unknown, change: unknown): object {
  const shown = field(change, 'StreamViewType')
  if (typeof shown === 'string' && shown !== viewType) {
    throw new RejectError('missing-images', `the table's stream shows ${shown}, and changes need ${viewType}`)
  }
  const old = (): unknown => plainItem(image(change, 'OldImage'))
  const current = (): unknown => plainItem(image(change, 'NewImage'))
  switch (field(raw, 'eventName')) {
    case 'INSERT':
      return { new: current() }
    case 'MODIFY':
      return { old: old(), new: current() }
    case 'REMOVE':
      return { old: old(), ...(isExpiry(raw) && { expired: true }) }
    default:
      throw new RejectError('unknown-source', 'the record says of no change what it is')
  }
}

function image(change: unknown, name: string): unknown {
  const found = field(change, name)
  if (found !== undefined) return found
  throw new RejectError('missing-images', `the change has no ${name}, and changes need ${viewType}`)
}

function isExpiry(raw: unknown): boolean {
  const identity = field(raw, 'userIdentity')
  return (
    field(identity, 'type') === timeToLive.type && field(identity, 'principalId') === timeToLive.principalId
  )
}
