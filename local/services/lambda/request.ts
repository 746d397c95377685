import type { IncomingHttpHeaders } from 'node:http'
import { AwsServiceError } from '../aws-json-server.ts'

/** What an operation is asked. */
export interface LambdaRequest {
  /** The part of the path that is not the same for all: a function or a mapping, decoded. */
  readonly name: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** As it was sent. */
  readonly body: string
}

/** What an operation answers; without `json` and `text` there is no body. */
export interface LambdaAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: object
  /** Sent as it is. */
  readonly text?: string
}

/** The error of a thing that is not there. */
export function notFound(message: string): AwsServiceError {
  return new AwsServiceError('ResourceNotFoundException', message, 404)
}

/** The error of a value that is possible, and wrong here. */
export function invalidParameter(message: string): AwsServiceError {
  return new AwsServiceError('InvalidParameterValueException', message)
}
