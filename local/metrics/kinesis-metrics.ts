import type { MetricStore } from '../services/cloudwatch/metric-store.ts'
import type { StreamCall, StreamRead, StreamWrite } from '../services/kinesis/stream-call.ts'

const namespace = 'AWS/Kinesis'

type Values = Readonly<Record<string, number>>

/**
 * Keeps what calls write to streams and read from them, by stream. That nothing was throttled is a value too, 0.
 *
 * Source of the names: Amazon Kinesis Data Streams Developer Guide, "Monitor the Amazon Kinesis Data Streams service with
 * Amazon CloudWatch". Latencies and the metrics of single shards are not there.
 */
export function kinesisMetrics(store: MetricStore, nowMs: () => number): (call: StreamCall) => void {
  return (call) => {
    const timestampMs = nowMs()
    const dimensions = { StreamName: call.streamName }
    const values = call.operation === 'GetRecords' ? valuesOfRead(call) : valuesOfWrite(call)
    for (const [name, value] of Object.entries(values))
      store.add({ namespace, name, dimensions }, { value, unit: unitOf(name), timestampMs })
  }
}

function valuesOfWrite(call: StreamWrite): Values {
  const { operation, records, recordBytes, throttledRecords, failedRecords } = call
  return {
    IncomingRecords: records,
    IncomingBytes: recordBytes,
    WriteProvisionedThroughputExceeded: throttledRecords,
    [`${operation}.Bytes`]: recordBytes,
    [`${operation}.Success`]: Number(records > 0),
    ...(operation === 'PutRecords' && {
      'PutRecords.Records': records,
      'PutRecords.TotalRecords': records + throttledRecords + failedRecords,
      'PutRecords.SuccessfulRecords': records,
      'PutRecords.ThrottledRecords': throttledRecords,
      'PutRecords.FailedRecords': failedRecords,
    }),
  }
}

function valuesOfRead({ isThrottled, records, recordBytes, lastAgeMs }: StreamRead): Values {
  const throttling = {
    ReadProvisionedThroughputExceeded: Number(isThrottled),
    'GetRecords.Success': Number(!isThrottled),
  }
  if (isThrottled) return throttling
  return {
    ...throttling,
    'GetRecords.Records': records,
    'GetRecords.Bytes': recordBytes,
    'GetRecords.IteratorAgeMilliseconds': lastAgeMs,
  }
}

function unitOf(name: string): string {
  if (name.endsWith('Milliseconds')) return 'Milliseconds'
  return name.endsWith('Bytes') ? 'Bytes' : 'Count'
}
