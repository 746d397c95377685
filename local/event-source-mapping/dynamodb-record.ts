import type { _Record as ServiceRecord } from '@aws-sdk/client-dynamodb-streams'
import type { StreamRecord } from './stream-source.ts'

/** What the records of one table's stream have in common in the event. */
export interface DynamoDbOrigin {
  readonly streamArn: string
  readonly region: string
}

/**
 * A record of a table's stream as a mapping delivers it.
 *
 * The members and their order are those of recorded AWS events: values in DynamoDB's own JSON, binary ones in base64,
 * the time of the change in whole seconds, an id of 32 hexadecimal digits. Where `userIdentity` stands among them, which
 * only deletions by the time to live have, is a guess.
 * @throws Error if the record has no keys, sequence number or time.
 */
export function dynamodbStreamRecord(record: ServiceRecord, origin: DynamoDbOrigin): StreamRecord {
  const { eventID, eventName, eventVersion, eventSource, userIdentity, dynamodb: change = {} } = record
  const { Keys: keys, SequenceNumber: sequenceNumber, ApproximateCreationDateTime: createdAt } = change
  if (keys === undefined || sequenceNumber === undefined || createdAt === undefined)
    throw new Error(`${origin.streamArn}: a record without keys, sequence number or time`)
  const arrivalMs = createdAt.getTime()
  const event = {
    // DynamoDB Local writes it as a UUID.
    eventID: eventID?.replaceAll('-', ''),
    eventName,
    eventVersion,
    eventSource,
    awsRegion: origin.region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(arrivalMs / 1_000),
      Keys: keys,
      NewImage: change.NewImage,
      OldImage: change.OldImage,
      SequenceNumber: sequenceNumber,
      SizeBytes: change.SizeBytes,
      StreamViewType: change.StreamViewType,
    },
    userIdentity: userIdentity && { type: userIdentity.Type, principalId: userIdentity.PrincipalId },
    eventSourceARN: origin.streamArn,
  }
  const json = JSON.stringify(event, withBase64)
  return {
    sequenceNumber,
    orderingKey: orderingKey(keys),
    arrivalMs,
    json,
    filterView: () => JSON.parse(json) as unknown,
  }
}

/** The key's attributes by name: the service promises no order among them. */
function orderingKey(keys: object): string {
  const byName = Object.entries(keys).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify(byName, withBase64)
}

function withBase64(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
