import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Stream } from 'aws-cdk-lib/aws-kinesis'
import { KinesisEventSource, type StreamEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { MappedEventSource } from './constructs/stream-consumer.ts'
import { TableEventSource } from './constructs/table-event-source.ts'
import type { SourceMetrics } from './monitored-pipeline.ts'

/** What a consumer reads from: how it is mapped, and what it says of itself. */
export interface Source extends SourceMetrics {
  readonly eventSource: (settings: StreamEventSourceProps) => MappedEventSource
}

export function streamSource(stream: Stream): Source {
  return {
    eventSource: (settings) => new KinesisEventSource(stream, settings),
    id: stream.node.id,
    incoming: stream.metricIncomingRecords({ statistic: Stats.SUM }),
    written: stream.metricIncomingRecords({ statistic: Stats.SUM }),
    writeThrottles: stream.metricWriteProvisionedThroughputExceeded({ statistic: Stats.SUM }),
    readThrottles: stream.metricReadProvisionedThroughputExceeded({ statistic: Stats.SUM }),
  }
}

export function tableSource(table: TableV2): Source {
  return {
    eventSource: (settings) => new TableEventSource(table, settings),
    id: table.node.id,
    // Units and not records: what an item's size makes of it. And a write that changes nothing has no record.
    written: table.metric('ConsumedWriteCapacityUnits', { statistic: Stats.SUM }),
    writeThrottles: table.metric('WriteThrottleEvents', { statistic: Stats.SUM }),
    readThrottles: table.metric('ReadThrottleEvents', { statistic: Stats.SUM }),
  }
}
