import type { LambdaFunction } from '../../lambda/lambda-function.ts'
import { AwsServiceError } from '../aws-json-server.ts'
import { type LambdaService, referencedFunction } from './lambda-service.ts'
import { invalidParameter, type LambdaAnswer, type LambdaRequest } from './request.ts'

/** Source: AWS Lambda Developer Guide, "Lambda quotas", synchronous invocation. */
export const maximumEventBytes = 6 * 1024 * 1024

/**
 * Invokes a function and waits for it; a dry run says only that one could. An empty event is `{}`.
 *
 * That the function failed is an answer with `X-Amz-Function-Error`. Throws `ResourceNotFoundException`,
 * `RequestTooLargeException` for an event over 6 MB, `InvalidRequestContentException` for one that is no JSON, and
 * `InvalidParameterValueException` for asynchronous invocations and client contexts, which are not there.
 */
export async function invoke(
  service: LambdaService,
  { name, query, headers, body }: LambdaRequest,
): Promise<LambdaAnswer> {
  const lambda = referencedFunction(service, name, query)
  const { 'x-amz-invocation-type': type = 'RequestResponse', 'x-amz-client-context': clientContext } = headers
  if (type !== 'RequestResponse' && type !== 'DryRun')
    throw invalidParameter(`The invocation type ${String(type)} is not supported here.`)
  if (clientContext !== undefined) throw invalidParameter('ClientContext is not supported here.')
  if (Buffer.byteLength(body) > maximumEventBytes) throw requestTooLarge()
  const event = body === '' ? '{}' : body
  assertJson(event)
  if (type === 'DryRun') return { status: 204 }

  const result = await lambda.invoke(event)
  if (result.outcome === 'throttled') return throttled(lambda)
  return {
    status: 200,
    headers: {
      'x-amzn-requestid': result.requestId,
      'x-amz-executed-version': '$LATEST',
      ...(result.outcome === 'function-error' && { 'x-amz-function-error': 'Unhandled' }),
    },
    text: result.payload,
  }
}

/** Says so too of a body that was not kept because of its size. */
export function requestTooLarge(): AwsServiceError {
  return new AwsServiceError(
    'RequestTooLargeException',
    `Request must be smaller than ${maximumEventBytes} bytes for the InvokeFunction operation`,
    413,
  )
}

/** After how long to try again is a choice. */
function throttled({ reservedConcurrency }: LambdaFunction): LambdaAnswer {
  const Reason =
    reservedConcurrency === undefined
      ? 'ConcurrentInvocationLimitExceeded'
      : 'ReservedFunctionConcurrentInvocationLimitExceeded'
  return {
    status: 429,
    headers: { 'x-amzn-errortype': 'TooManyRequestsException', 'retry-after': '1' },
    json: { Reason, Type: 'User', message: 'Rate Exceeded.' },
  }
}

function assertJson(event: string): void {
  try {
    JSON.parse(event)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AwsServiceError(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${reason}`,
    )
  }
}
