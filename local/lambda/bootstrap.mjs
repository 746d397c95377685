/**
 * What runs in an execution environment: it loads the function's handler, then asks the Runtime API for one
 * event after the other. The process ends when the Runtime API is gone.
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

/** @type {string | undefined} */
let requestIdInHand
let isInitialised = false

/**
 * Reports what no handler caught, to whatever was going on, and ends.
 * @param {unknown} error
 * @param {number} exitCode
 */
async function fail(error, exitCode) {
  const requestId = requestIdInHand
  requestIdInHand = undefined
  const path = isInitialised ? `invocation/${requestId}/error` : 'init/error'
  if (!isInitialised || requestId !== undefined) {
    await client.report(path, requestId, 'Uncaught Exception', error)
  }
  process.exit(exitCode)
}

/**
 * Calls the handler; rejects if the event loop empties before its promise settles, for then it never will.
 * @param {import('./load-handler.mjs').Handler} handler
 * @param {unknown} event
 * @param {object} context
 * @returns {Promise<unknown>}
 */
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    const onEmptyLoop = () =>
      reject(
        runtimeError('Runtime.NodeJsExit', 'Nothing is left that could settle the promise of the handler'),
      )
    process.once('beforeExit', onEmptyLoop)
    Promise.resolve()
      .then(() => handler(event, context))
      .finally(() => process.off('beforeExit', onEmptyLoop))
      .then(resolve, reject)
  })
}

/**
 * @param {string} requestId
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
function contextOf(requestId, headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms'])
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  }
}

process.on('uncaughtException', (error) => void fail(error, 129))
process.on('unhandledRejection', (reason) => {
  const cause = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
  void fail(runtimeError('Runtime.UnhandledPromiseRejection', cause), 128)
})
new Worker(new URL('watchdog.mjs', import.meta.url), {
  workerData: runtimeApiAddress,
  env: {},
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
}).unref()

const handler = await loadHandler(taskRoot, handlerName).catch(async (error) => {
  await client.report('init/error', undefined, 'Uncaught Exception', error)
  return process.exit(1)
})
isInitialised = true

for (;;) {
  const { headers, body } = await client.next()
  const requestId = String(headers['lambda-runtime-aws-request-id'])
  process.env['_X_AMZN_TRACE_ID'] = String(headers['lambda-runtime-trace-id'])
  requestIdInHand = requestId
  /** @type {string} */
  let answerJson
  try {
    // What JSON has no text for, such as undefined, is null, as in Lambda.
    answerJson = JSON.stringify(await run(handler, JSON.parse(body), contextOf(requestId, headers))) ?? 'null'
  } catch (error) {
    requestIdInHand = undefined
    await client.report(`invocation/${requestId}/error`, requestId, 'Invoke Error', error)
    continue
  }
  requestIdInHand = undefined
  await client.respond(requestId, answerJson)
}
