import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsServiceError, type RunningService } from '../aws-json-server.ts'
import { startHttpServer } from '../http-server.ts'
import { getMetricData } from './get-metric-data.ts'
import { getMetricStatistics } from './get-metric-statistics.ts'
import { listMetrics } from './list-metrics.ts'
import type { MetricStore } from './metric-store.ts'
import { awsJson, errorOutput, protocols, type RpcProtocol } from './rpc-protocols.ts'

/** The largest GetMetricData: 500 queries, each with its names and 30 dimensions. */
const maximumBodyBytes = 16 * 1024 * 1024

type Operations = Readonly<Record<string, (input: unknown) => object>>

/** What {@link startCloudWatchServer} needs. */
export interface CloudWatchOptions {
  readonly store: MetricStore
  /** Epoch milliseconds. */
  readonly nowMs: () => number
  /** Default: any free port. */
  readonly port?: number
}

/** Serves what is read of the metrics as CloudWatch does, on 127.0.0.1, in each of the {@link protocols}. */
export function startCloudWatchServer({ store, nowMs, port }: CloudWatchOptions): Promise<RunningService> {
  const operations: Operations = {
    GetMetricData: (input) => getMetricData(store, input),
    GetMetricStatistics: (input) => getMetricStatistics(store, input),
    ListMetrics: (input) => listMetrics(store, nowMs(), input),
  }
  return startHttpServer({
    ...(port !== undefined && { port }),
    maximumBodyBytes,
    onRequest: (request, body, response) => answer(operations, request, body, response),
  })
}

function answer(
  operations: Operations,
  { url = '/', headers }: IncomingMessage,
  body: Buffer | undefined,
  response: ServerResponse,
): void {
  const spoken = protocols.find((protocol) => protocol.operationOf(url, headers) !== undefined)
  const protocol = spoken ?? awsJson
  const { status, content, extraHeaders } = outcomeOf(() => {
    const name = spoken?.operationOf(url, headers) ?? ''
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (operation === undefined)
      throw new AwsServiceError(
        'UnknownOperationException',
        `The operation ${name || url} is not supported here.`,
      )
    if (body === undefined)
      throw new AwsServiceError(
        'RequestEntityTooLargeException',
        `The body exceeds ${maximumBodyBytes} bytes.`,
        413,
      )
    return operation(inputOf(protocol, body))
  })
  const bytes = protocol.write(content)
  response.writeHead(status, {
    'content-type': protocol.contentType,
    'content-length': bytes.byteLength,
    'x-amzn-requestid': randomUUID(),
    ...protocol.headers,
    ...extraHeaders,
  })
  response.end(bytes)
}

function outcomeOf(work: () => object) {
  try {
    return { status: 200, content: work(), extraHeaders: {} }
  } catch (error) {
    const told =
      error instanceof AwsServiceError
        ? error
        : new AwsServiceError('InternalServiceError', String(error), 500)
    const { body, headers } = errorOutput(told)
    return { status: told.status, content: body, extraHeaders: headers }
  }
}

function inputOf(protocol: RpcProtocol, body: Buffer): unknown {
  try {
    return protocol.read(body)
  } catch (error) {
    throw new AwsServiceError('SerializationException', String(error))
  }
}
