/**
 * What runs in an execution environment: it loads the function's handler, then asks the Runtime API for one event after
 * the other. It behaves as the runtime of Node.js 24, AWS's `aws-lambda-ric`: what no handler catches is left to Node,
 * which ends the process. The process ends too when the Runtime API is gone.
 */
import { Worker } from 'node:worker_threads'
import { loadHandler, runtimeError } from './load-handler.mjs'
import { runtimeClient } from './runtime-client.mjs'

const {
  _HANDLER: handlerName = '',
  AWS_LAMBDA_RUNTIME_API: runtimeApiAddress = '',
  LAMBDA_TASK_ROOT: taskRoot = '',
} = process.env
const client = runtimeClient(runtimeApiAddress)

/**
 * @param {string} requestId
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
function contextOf(requestId, headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms'])
  return {
    awsRequestId: requestId,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    xRayTraceId: headers['lambda-runtime-trace-id'],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  }
}

/** @param {unknown} answer */
function jsonOf(answer) {
  try {
    // What JSON has no text for, such as undefined, is null, as in Lambda.
    return JSON.stringify(answer) ?? 'null'
  } catch {
    throw runtimeError('Runtime.JSONStringifyError', 'Unable to stringify response body')
  }
}

/**
 * @param {import('./load-handler.mjs').Handler} handler
 * @param {Awaited<ReturnType<import('./runtime-client.mjs').RuntimeClient['next']>>} event
 */
async function run(handler, { headers, body }) {
  const requestId = String(headers['lambda-runtime-aws-request-id'])
  process.env['_X_AMZN_TRACE_ID'] = String(headers['lambda-runtime-trace-id'])
  const event = JSON.parse(body)
  /** @type {string} */
  let answerJson
  try {
    answerJson = jsonOf(await handler(event, contextOf(requestId, headers)))
  } catch (error) {
    await client.report(`invocation/${requestId}/error`, requestId, 'Invoke Error', error)
    return
  }
  await client.respond(requestId, answerJson)
}

async function start() {
  const handler = await loadHandler(taskRoot, handlerName).catch(async (error) => {
    await client.report('init/error', '-', 'Init Error', error)
    throw error
  })
  for (;;) await run(handler, await client.next())
}

new Worker(new URL('watchdog.mjs', import.meta.url), {
  workerData: runtimeApiAddress,
  env: {},
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref()

// Awaited here, a promise that cannot settle would end the process with exit code 13; in Lambda it is 0.
void start()
