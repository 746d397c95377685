import { KinesisClient, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'

/** A client's calls of PutRecords so far. */
export interface WatchedCalls {
  /** The records of each call, in the order in which the calls began. */
  readonly records: (readonly PutRecordsRequestEntry[])[]
  underWay: number
  mostUnderWay: number
}

/**
 * A real client that does not retry, and what it calls. Before a call goes out `beforeCall` is awaited with its number
 * from 0: it may hold the call, or fail it.
 */
export function watchedClient(
  endpoint: string,
  beforeCall: (call: number) => Promise<void> = () => Promise.resolve(),
): { readonly client: KinesisClient; readonly calls: WatchedCalls } {
  const client = new KinesisClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { disableConcurrentStreams: false },
  })
  const calls: WatchedCalls = { records: [], underWay: 0, mostUnderWay: 0 }
  client.middlewareStack.add(
    (next) => async (args) => {
      const call = calls.records.push('Records' in args.input ? (args.input.Records ?? []) : []) - 1
      calls.underWay++
      calls.mostUnderWay = Math.max(calls.mostUnderWay, calls.underWay)
      try {
        await beforeCall(call)
        return await next(args)
      } finally {
        calls.underWay--
      }
    },
    { step: 'initialize' },
  )
  return { client, calls }
}
