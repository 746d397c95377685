import { Stats } from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { Stream } from 'aws-cdk-lib/aws-kinesis'
import { KinesisEventSource, type StreamEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { MappedEventSource } from './constructs/stream-consumer.ts'
import { TableEventSource } from './constructs/table-event-source.ts'
import type { SourceMetrics } from './dashboard.ts'

/** What a consumer reads from: how it is mapped, and what it says of itself. */
export interface Source extends SourceMetrics {
  readonly eventSource: (settings: StreamEventSourceProps) => MappedEventSource
}

export function streamSource(stream: Stream): Source {
  return {
    eventSource: (settings) => new KinesisEventSource(stream, settings),
    incoming: stream.metricIncomingRecords({ statistic: Stats.SUM }),
    throttles: [
      stream.metricWriteProvisionedThroughputExceeded({ statistic: Stats.SUM }),
      stream.metricReadProvisionedThroughputExceeded({ statistic: Stats.SUM }),
    ],
  }
}

export function tableSource(table: TableV2): Source {
  return {
    eventSource: (settings) => new TableEventSource(table, settings),
    throttles: [table.metric('WriteThrottleEvents', { statistic: Stats.SUM })],
  }
}
