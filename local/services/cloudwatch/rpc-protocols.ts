import type { IncomingHttpHeaders } from 'node:http'
import { cbor, tag } from '@smithy/core/cbor'
import type { AwsServiceError } from '../aws-json-server.ts'

const serviceTarget = 'GraniteServiceVersion20100801'
/** Of CBOR: epoch seconds. Source: RFC 8949, "Epoch-Based Date/Time". */
const epochTag = 1

/** How a client of CloudWatch says what it wants and is told what came of it. */
export interface RpcProtocol {
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  /** The operation that a request names, if it speaks this protocol. */
  operationOf(path: string, headers: IncomingHttpHeaders): string | undefined
  /** Times are epoch seconds. Throws for a body that cannot be read. */
  read(body: Buffer): unknown
  /** Times are dates. */
  write(value: object): Uint8Array
}

/** What the AWS SDK for JavaScript speaks. Source: Smithy, "AWS JSON 1.0 protocol". */
export const awsJson: RpcProtocol = {
  contentType: 'application/x-amz-json-1.0',
  headers: {},
  operationOf: (_path, { 'x-amz-target': target }) => {
    const [service, operation] = String(target).split('.')
    return service === serviceTarget ? operation : undefined
  },
  read: (body) => JSON.parse(body.toString('utf8')) as unknown,
  write: (value) => Buffer.from(JSON.stringify(mapDates(value, (date) => date.getTime() / 1_000))),
}

/** What the AWS CLI and the SDK for Python speak. Source: Smithy, "Smithy RPC v2 CBOR protocol". */
const rpcCbor: RpcProtocol = {
  contentType: 'application/cbor',
  headers: { 'smithy-protocol': 'rpc-v2-cbor' },
  operationOf: (path, { 'smithy-protocol': protocol }) => {
    const [, service, operation] = /^\/service\/(\w+)\/operation\/(\w+)$/.exec(path) ?? []
    return protocol === 'rpc-v2-cbor' && service === serviceTarget ? operation : undefined
  },
  read: (body) => (body.length === 0 ? {} : untagged(cbor.deserialize(body))),
  write: (value) =>
    cbor.serialize(mapDates(value, (date) => tag({ tag: epochTag, value: date.getTime() / 1_000 }))),
}

export const protocols: readonly RpcProtocol[] = [awsJson, rpcCbor]

/** The codes of errors in these protocols, where they are others than those of the older query protocol. */
const shapes: Readonly<Record<string, string>> = {
  ValidationError: 'ValidationException',
  InvalidParameterValue: 'InvalidParameterValueException',
  InvalidParameterCombination: 'InvalidParameterCombinationException',
  MissingParameter: 'MissingRequiredParameterException',
  InternalServiceError: 'InternalServiceFault',
}

/** What an error is answered with; its code in the query protocol, which SDKs give to their callers, is in a header. */
export function errorOutput({ code, message, status }: AwsServiceError) {
  return {
    body: { __type: `com.amazonaws.cloudwatch#${shapes[code] ?? code}`, message },
    headers: { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` },
  }
}

function mapDates(value: unknown, map: (date: Date) => unknown): unknown {
  if (value instanceof Date) return map(value)
  if (Array.isArray(value)) return value.map((item) => mapDates(item, map))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, mapDates(member, map)]))
}

/** Times as their seconds, and large numbers as numbers. */
function untagged(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map((item) => untagged(item))
  if (typeof value !== 'object' || value === null) return value
  if ('tag' in value && Number(value.tag) === epochTag && 'value' in value) return untagged(value.value)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, untagged(member)]))
}
