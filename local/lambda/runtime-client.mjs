import http from 'node:http'

const statusTooLarge = 413

/**
 * @typedef {object} RuntimeClient
 * @property {() => Promise<{ headers: http.IncomingHttpHeaders, body: string }>} next waits for an event
 * @property {(requestId: string, answerJson: string) => Promise<unknown>} respond
 * @property {(path: string, requestId: string, title: string, error: unknown) => Promise<unknown>} report
 *   logs a failure and posts it to `path`
 */

/**
 * A client of the Runtime API at `address` (`host:port`) over one kept-alive connection. Without the API there
 * is nothing left to do for a runtime, so a connection that fails ends the process.
 * @param {string} address
 * @returns {RuntimeClient}
 */
export function runtimeClient(address) {
  const [host = '', port = ''] = address.split(':')
  const agent = new http.Agent({ keepAlive: true })

  /**
   * @param {'GET' | 'POST'} method
   * @param {string} path
   * @param {string} [body]
   * @param {Record<string, string>} [extraHeaders]
   * @returns {Promise<{ headers: http.IncomingHttpHeaders, body: string }>}
   */
  function call(method, path, body = '', extraHeaders = {}) {
    return new Promise((resolve, reject) => {
      const headers = { ...extraHeaders, 'Content-Length': Buffer.byteLength(body) }
      const options = { agent, host, port, method, path: `/2018-06-01/runtime/${path}`, headers }
      const request = http.request(options, (response) => {
        /** @type {Buffer[]} */
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', () => process.exit(1))
        response.on('end', () => {
          const { statusCode = 0 } = response
          if (statusCode === statusTooLarge) {
            // It is already settled as a failure; the runtime goes on.
            process.stdout.write(
              `[ERROR] [${Date.now()}] LAMBDA_RUNTIME Failed to post handler success response. Http response code: 413.\n`,
            )
          } else if (statusCode >= 400) {
            reject(new Error(`The Runtime API answered ${statusCode} to ${method} ${path}`))
            return
          }
          resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() })
        })
      })
      request.on('error', () => process.exit(1))
      request.end(body)
    })
  }

  return {
    next: () => call('GET', 'invocation/next'),
    respond: (requestId, answerJson) => call('POST', `invocation/${requestId}/response`, answerJson),
    report(path, requestId, title, error) {
      const now = new Date().toISOString()
      process.stderr.write(`${now}\t${requestId}\tERROR\t${title} \t${logged(error)}\n`)
      const answer = answerOf(error)
      return call('POST', path, JSON.stringify(answer), {
        // A header holds ASCII only.
        'Lambda-Runtime-Function-Error-Type': answer.errorType.replaceAll(/[^\x20-\x7e]/g, '?'),
      })
    },
  }
}

/**
 * What the invoker gets of an error.
 * @param {unknown} error
 */
function answerOf(error) {
  return error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] }
}

/**
 * What the log has of an error: its own members too, and those of errors in it.
 * @param {unknown} thrown
 */
function logged(thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  try {
    return JSON.stringify(error, (_, value) => (value instanceof Error ? membersOf(value) : value))
  } catch {
    // Its own members may be circular.
    return JSON.stringify(answerOf(error))
  }
}

/** @param {Error} error */
function membersOf(error) {
  const { name, message, stack = '' } = error
  const code = 'code' in error ? error.code : undefined
  const own = Object.fromEntries(Object.entries(error))
  return { errorType: name, errorMessage: message, code, ...own, stack: stack.split('\n') }
}
