import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import { CfnGlobalTable, type TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { CfnStream, type IStreamConsumer, type Stream } from 'aws-cdk-lib/aws-kinesis'
import type { IEventSource } from 'aws-cdk-lib/aws-lambda'
import {
  KinesisConsumerEventSource,
  KinesisEventSource,
  type KinesisEventSourceProps,
} from 'aws-cdk-lib/aws-lambda-event-sources'
import { TableEventSource } from './constructs/table-event-source.ts'
import type { SourceMetrics } from './monitored-pipeline.ts'

/** A stream or a table's stream as a function's source. Binding makes the mapping and lets the function read it. */
export interface MappedEventSource extends IEventSource {
  /** UUID of the event source mapping, once bound. */
  readonly eventSourceMappingId: string
}

/** What a consumer reads from: how it is mapped, and what it says of itself. */
export interface Source extends SourceMetrics {
  readonly kind: 'stream' | 'table'
  /** Of a stream with provisioned shards that is made here; nobody knows how many a table has. */
  readonly shardCount?: number
  /** What a table's stream holds of each change, as far as the table is made here. */
  readonly viewType?: string
  readonly eventSource: (settings: KinesisEventSourceProps) => MappedEventSource
}

/** A stream, of whose reading capacity all its consumers have a share. */
export function streamSource(stream: Stream): Source {
  return { ...ofStream(stream), eventSource: (settings) => new KinesisEventSource(stream, settings) }
}

/**
 * A stream with reading capacity of the consumer's own (enhanced fan-out). Records are the same to the pipelines: where
 * the place in the stream is a record's identity, the name of the consumer is cut off it. The mapping is another one than
 * that of {@link streamSource} and begins at the oldest record: what was counted is recognised, and what is older than
 * the record age goes to the failed records. Records of the Kinesis Producer Library arrive taken apart and share a
 * sequence number, so a pipeline of such records needs an `id`.
 */
export function fanOutSource(stream: Stream, consumer: IStreamConsumer): Source {
  return {
    ...ofStream(stream),
    eventSource: (settings) => new KinesisConsumerEventSource(consumer, settings),
  }
}

function ofStream(stream: Stream): Omit<Source, 'eventSource'> {
  const made = stream.node.defaultChild
  const shardCount = made instanceof CfnStream ? made.shardCount : undefined
  return {
    kind: 'stream',
    ...(shardCount !== undefined && { shardCount }),
    id: stream.node.id,
    incoming: stream.metricIncomingRecords({ statistic: Stats.SUM }),
    written: stream.metricIncomingRecords({ statistic: Stats.SUM }),
    writeThrottles: stream.metricWriteProvisionedThroughputExceeded({ statistic: Stats.SUM }),
    readThrottles: stream.metricReadProvisionedThroughputExceeded({ statistic: Stats.SUM }),
  }
}

/** The changes of a table. */
export function tableSource(table: TableV2): Source {
  return {
    kind: 'table',
    ...viewTypeOf(table),
    eventSource: (settings) => new TableEventSource(table, settings),
    id: table.node.id,
    // Units and not records: what an item's size makes of it. And a write that changes nothing has no record.
    written: table.metric('ConsumedWriteCapacityUnits', { statistic: Stats.SUM }),
    writeThrottles: table.metric('WriteThrottleEvents', { statistic: Stats.SUM }),
    readThrottles: table.metric('ReadThrottleEvents', { statistic: Stats.SUM }),
  }
}

function viewTypeOf({ stack, node: { defaultChild: made } }: TableV2): Pick<Source, 'viewType'> {
  // It is a promise of the CDK's until it is resolved.
  const stream: unknown = made instanceof CfnGlobalTable ? stack.resolve(made.streamSpecification) : undefined
  const { streamViewType: viewType } = Object(stream) as { readonly streamViewType?: unknown }
  return typeof viewType === 'string' ? { viewType } : {}
}
