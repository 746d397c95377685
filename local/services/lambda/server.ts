import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsServiceError, type RunningService } from '../aws-json-server.ts'
import { startHttpServer } from '../http-server.ts'
import { deleteFunctionConcurrency } from './delete-function-concurrency.ts'
import { getEventSourceMapping } from './get-event-source-mapping.ts'
import { getFunctionConcurrency } from './get-function-concurrency.ts'
import { getFunctionConfiguration } from './get-function-configuration.ts'
import { getFunction } from './get-function.ts'
import { invoke, maximumEventBytes, requestTooLarge } from './invoke.ts'
import type { LambdaService } from './lambda-service.ts'
import { listEventSourceMappings } from './list-event-source-mappings.ts'
import { listFunctions } from './list-functions.ts'
import { putFunctionConcurrency } from './put-function-concurrency.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'
import { updateEventSourceMapping } from './update-event-source-mapping.ts'

const loopback = '127.0.0.1'

type Operation = (service: LambdaService, request: LambdaRequest) => LambdaAnswer | Promise<LambdaAnswer>

/** By method and path; `*` is what a request names. Source: AWS Lambda API Reference. */
const operations: Readonly<Record<string, Operation>> = {
  'GET /2015-03-31/functions': listFunctions,
  'GET /2015-03-31/functions/*': getFunction,
  'GET /2015-03-31/functions/*/configuration': getFunctionConfiguration,
  'POST /2015-03-31/functions/*/invocations': invoke,
  'GET /2019-09-30/functions/*/concurrency': getFunctionConcurrency,
  'PUT /2017-10-31/functions/*/concurrency': putFunctionConcurrency,
  'DELETE /2017-10-31/functions/*/concurrency': deleteFunctionConcurrency,
  'GET /2015-03-31/event-source-mappings': listEventSourceMappings,
  'GET /2015-03-31/event-source-mappings/*': getEventSourceMapping,
  'PUT /2015-03-31/event-source-mappings/*': updateEventSourceMapping,
}

/**
 * Serves Lambda's REST API on 127.0.0.1; `port` is any free one by default.
 *
 * An unexpected error is answered as `ServiceException`, 500, which clients try again.
 */
export function startLambdaServer(service: LambdaService, port = 0): Promise<RunningService> {
  return startHttpServer({
    port,
    maximumBodyBytes: maximumEventBytes,
    onRequest: (request, body, response) => void reply(response, answer(service, request, body?.toString())),
  })
}

async function reply(response: ServerResponse, coming: Promise<LambdaAnswer>): Promise<void> {
  const { status, headers, json, text } = await coming
  const content = text ?? (json === undefined ? '' : JSON.stringify(json))
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    ...(status !== 204 && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
    }),
    ...headers,
  })
  response.end(content)
}

/** Never rejects. */
async function answer(
  service: LambdaService,
  { method = '', url = '/', headers }: IncomingMessage,
  body: string | undefined,
): Promise<LambdaAnswer> {
  try {
    const { pathname, searchParams: query } = new URL(url, `http://${loopback}`)
    const [, version = '', kind = '', name = '', ...rest] = pathname.replace(/\/$/, '').split('/')
    const path = ['', version, kind, ...(name === '' ? [] : ['*']), ...rest].join('/')
    const route = `${method} ${path}`
    const operation = Object.hasOwn(operations, route) ? operations[route] : undefined
    if (operation === undefined)
      throw new AwsServiceError(
        'UnknownOperationException',
        `${method} ${pathname} is not supported here.`,
        404,
      )
    if (body === undefined) throw requestTooLarge()
    return await operation(service, { name: decodeURIComponent(name), query, headers, body })
  } catch (error) {
    const { code, message, status } =
      error instanceof AwsServiceError ? error : new AwsServiceError('ServiceException', String(error), 500)
    return {
      status,
      headers: { 'x-amzn-errortype': code },
      json: { Type: status < 500 ? 'User' : 'Service', Message: message },
    }
  }
}
