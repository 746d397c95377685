import { lambdaHandler } from '../../consumers/adapters/lambda-handler.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { kinesisRecords } from '../../consumers/sources/kinesis.ts'
import { lambdaContext } from './lambda-context.ts'

/** What consumers/flights/handler.ts does as it loads, when it is asked to; the first batch holds one departure. */
export async function start(): Promise<() => Promise<void>> {
  const handler = await lambdaHandler(flights, kinesisRecords)
  return async () => {
    const { batchItemFailures } = await handler({ Records: [departure()] }, lambdaContext())
    if (batchItemFailures.length > 0) throw new Error('the departure was not counted')
  }
}

function departure(): unknown {
  const sentAt = Date.now()
  const flight = {
    flightId: `first-${process.pid}`,
    sentAt,
    origin: 'JFK',
    destination: 'LAX',
    distance: 2475,
    delay: 5,
  }
  const sequenceNumber = '49615182421390000000000000000000000000000000000000000001'
  return {
    kinesis: {
      partitionKey: 'JFK',
      sequenceNumber,
      data: Buffer.from(JSON.stringify(flight)).toString('base64'),
      approximateArrivalTimestamp: sentAt / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventID: `shardId-000000000000:${sequenceNumber}`,
    eventSourceARN: 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights',
  }
}
