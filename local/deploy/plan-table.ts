import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Resource } from './resources.ts'
import type { HonouredProperties } from './supported-properties.ts'

/** A table, with all names known; it is not there yet. */
export interface PlannedTable {
  readonly name: string
  readonly arn: string
  /** Its stream, as templates and events name it; `undefined` where it has none. */
  readonly streamArn?: string
  /** Where items say when they may go. */
  readonly timeToLiveAttribute?: string
  readonly definition: CreateTableCommandInput
  readonly notice?: string
}

/** A table as its template wants it. */
export function planTable(
  properties: HonouredProperties<'AWS::DynamoDB::Table'>,
  resource: Resource,
): PlannedTable {
  const { BillingMode, ProvisionedThroughput, GlobalSecondaryIndexes: indexes } = properties
  return planned(properties, resource, {
    BillingMode,
    ...(BillingMode === 'PROVISIONED' && { ProvisionedThroughput }),
    GlobalSecondaryIndexes: indexes?.map(
      ({ IndexName, KeySchema, Projection, ProvisionedThroughput: of }) => ({
        IndexName,
        KeySchema,
        Projection,
        ...(BillingMode === 'PROVISIONED' && { ProvisionedThroughput: of }),
      }),
    ),
  })
}

/**
 * The one replica of a global table, as its template wants it. It is on demand always: what the template says of its
 * capacity is the range in which AWS scales it, and locally nothing is throttled.
 */
export function planGlobalTable(
  properties: HonouredProperties<'AWS::DynamoDB::GlobalTable'>,
  resource: Resource,
): PlannedTable {
  return planned(properties, resource, {
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: properties.GlobalSecondaryIndexes?.map(
      ({ IndexName, KeySchema, Projection }) => ({
        IndexName,
        KeySchema,
        Projection,
      }),
    ),
  })
}

function planned(
  properties: HonouredProperties<'AWS::DynamoDB::Table' | 'AWS::DynamoDB::GlobalTable'>,
  { stack, logicalId, id: { name, arn, streamArn } }: Resource,
  capacity: Pick<CreateTableCommandInput, 'BillingMode' | 'GlobalSecondaryIndexes' | 'ProvisionedThroughput'>,
): PlannedTable {
  const { KeySchema, AttributeDefinitions, LocalSecondaryIndexes, StreamSpecification: stream } = properties
  const timeToLive = properties.TimeToLiveSpecification
  const timeToLiveAttribute = timeToLive?.Enabled ? timeToLive.AttributeName : undefined
  return {
    name,
    arn,
    ...(stream && streamArn !== undefined && { streamArn }),
    ...(timeToLiveAttribute !== undefined && {
      timeToLiveAttribute,
      notice: `${stack.name}/${logicalId}: no item is deleted when its ${timeToLiveAttribute} has passed`,
    }),
    definition: {
      TableName: name,
      KeySchema,
      AttributeDefinitions,
      ...capacity,
      LocalSecondaryIndexes,
      ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.StreamViewType } }),
    },
  }
}
