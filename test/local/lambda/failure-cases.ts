import { expect } from 'vitest'
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts'
import { initStartText } from '../../../local/lambda/platform-lines.ts'

/** Each way for a function to fail, on a batch of a real mapping, and what AWS Lambda makes of it. */
export interface Failure {
  readonly source: string
  readonly changes?: Partial<FunctionConfiguration>
  readonly initTimeoutMs?: number
  readonly errorType: string
  /** With `ID` for the request id. */
  readonly errorMessage: string
  /** What the log has of the first invocation, in short. */
  readonly lines: readonly string[]
  /** How often the module says that it was loaded in three invocations: once if the runtime stays warm. */
  readonly loads: number
  /** Only Linux tells what a process uses. */
  readonly isOfLinux?: true
}

/** Where nothing tells what a process uses, the report leaves it out. */
const memory = process.platform === 'linux' ? ' MEMORY' : ''
const report = `REPORT${memory} INIT`
const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string
const handler = (body: string) => `console.log('loaded'); export const handler = async () => { ${body} }`

/** The runtime reports what the handler threw, and goes on. */
function thrown(body: string, errorType: string, errorMessage: string, logged = errorType): Failure {
  const lines = [
    initStartText,
    'loaded',
    'START',
    `ERROR Invoke Error ${logged}: ${errorMessage}`,
    'END',
    report,
  ]
  return { source: handler(body), errorType, errorMessage, lines, loads: 1 }
}

/** The runtime ends within the invocation: the platform words it, and the next invocation begins with an INIT. */
function exited(body: string, reason: string): Failure {
  const errorMessage = `RequestId: ID Error: Runtime exited ${reason}`
  const exit = `${errorMessage}\nRuntime.ExitError`
  const lines = [initStartText, 'loaded', 'START', exit, 'END', 'REPORT INIT error Runtime.ExitError']
  return { source: handler(body), errorType: 'Runtime.ExitError', errorMessage, lines, loads: 3 }
}

/** The runtime reports what it could not load; its INIT is run again within the invocation. */
function notLoaded(source: string, errorType: string, errorMessage: string, named = errorType): Failure {
  const error = expect.stringContaining(`ERROR Init Error ${errorType}: `) as string
  const lines = [
    initStartText,
    error,
    `INIT_REPORT init error ${named}`,
    error,
    `INIT_REPORT invoke error ${named}`,
    'START',
    'END',
    `REPORT error ${named}`,
  ]
  return { source, errorType, errorMessage, lines, loads: 0 }
}

/** The runtime ends in its INIT, without a report. */
function exitedInInit(source: string, reason: string): Failure {
  const errorMessage = `RequestId: ID Error: Runtime exited ${reason}`
  const lines = [
    initStartText,
    'INIT_REPORT init error Runtime.ExitError',
    'INIT_REPORT invoke error Runtime.ExitError',
    'START',
    `${errorMessage}\nRuntime.ExitError`,
    'END',
    'REPORT error Runtime.ExitError',
  ]
  return { source, errorType: 'Runtime.ExitError', errorMessage, lines, loads: 0 }
}

const HOLDS = 'setInterval(() => {}, 1000)'
const GROWS = 'const held = []; for (;;) held.push(Buffer.alloc(2 ** 22, 1))'

/** By what the function does. */
export const failures: Record<string, Failure> = {
  'throws an error': thrown("throw new RangeError('no')", 'RangeError', 'no'),
  'throws a text': thrown("throw 'no'", 'string', 'no', 'Error'),
  'throws an object': thrown('throw { reason: 1 }', 'object', '[object Object]', 'Error'),
  'throws undefined': thrown('throw undefined', 'undefined', 'undefined', 'Error'),
  'answers what JSON cannot say': thrown(
    'return 1n',
    'Runtime.JSONStringifyError',
    'Unable to stringify response body',
  ),
  'answers more than 6 MB': {
    source: handler("return 'x'.repeat(6 * 2 ** 20 + 100)"),
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    lines: [initStartText, 'loaded', 'START', 'LAMBDA_RUNTIME 413', 'END', report],
    loads: 1,
  },
  'never settles, and has nothing left that could': exited(
    'return new Promise(() => {})',
    'without providing a reason',
  ),
  'exits with 0': exited('process.exit(0)', 'without providing a reason'),
  'exits with 3': exited('process.exit(3)', 'with error: exit status 3'),
  aborts: exited('process.abort()', 'with error: signal: aborted'),
  'kills itself': exited("process.kill(process.pid, 'SIGKILL')", 'with error: signal: killed'),
  'leaves a rejection unhandled': exited(
    `Promise.reject(new Error('floating')); return new Promise(() => ${HOLDS})`,
    'with error: exit status 1',
  ),
  'leaves an exception uncaught': exited(
    `setImmediate(() => { throw new Error('late') }); return new Promise(() => ${HOLDS})`,
    'with error: exit status 1',
  ),
  'runs out of memory': {
    ...exited(GROWS, 'with error: signal: killed'),
    lines: [
      initStartText,
      'loaded',
      'START',
      'RequestId: ID Error: Runtime exited with error: signal: killed\nRuntime.ExitError',
      'END',
      'REPORT FULL INIT error Runtime.OutOfMemory',
    ],
    isOfLinux: true,
  },
  'takes too long': {
    source: handler('for (;;);'),
    changes: { timeoutMs: 800 },
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: ID Error: Task timed out after 0.80 seconds',
    lines: [
      initStartText,
      'loaded',
      'START',
      'TIME ID Task timed out after 0.80 seconds',
      'END',
      `REPORT 800.00 ms${memory} INIT timeout`,
    ],
    loads: 3,
  },
  'throws in INIT': notLoaded("throw new RangeError('no')", 'RangeError', 'no', 'Runtime.Unknown'),
  'has a syntax error': notLoaded(
    'export const = 1',
    'Runtime.UserCodeSyntaxError',
    matching(/^SyntaxError: /),
  ),
  'imports what is not there': notLoaded(
    "import 'not-there'",
    'Error',
    matching(/^Cannot find package 'not-there'/),
    'Runtime.Unknown',
  ),
  'has no such module': {
    ...notLoaded(
      '',
      'Runtime.ImportModuleError',
      matching(/^Error: Cannot find module 'other'\nRequire stack:\n- /),
    ),
    changes: { handler: 'other.handler' },
  },
  'has no such handler': notLoaded(
    'export const other = 1',
    'Runtime.HandlerNotFound',
    'index.handler is undefined or not exported',
  ),
  'has a handler that is no function': notLoaded(
    'export const handler = 1',
    'Runtime.HandlerNotFound',
    'index.handler is not a function',
  ),
  'has a handler without an export': {
    ...notLoaded('', 'Runtime.MalformedHandlerName', 'Bad handler'),
    changes: { handler: 'index' },
  },
  'has a handler that takes a callback': notLoaded(
    'export const handler = (event, context, callback) => callback()',
    'Runtime.CallbackHandlerDeprecated',
    matching(/callback/),
  ),
  'exits in INIT': exitedInInit('process.exit(7)', 'with error: exit status 7'),
  'never ends its INIT, and has nothing left that could': exitedInInit(
    'await new Promise(() => {})',
    'without providing a reason',
  ),
  'leaves a rejection unhandled in INIT': exitedInInit(
    `Promise.reject(new Error('floating')); await new Promise(() => ${HOLDS})`,
    'with error: exit status 1',
  ),
  'runs out of memory in INIT': {
    ...exitedInInit(GROWS, 'with error: signal: killed'),
    lines: [
      initStartText,
      'INIT_REPORT init error Runtime.OutOfMemory',
      'INIT_REPORT invoke error Runtime.OutOfMemory',
      'START',
      'RequestId: ID Error: Runtime exited with error: signal: killed\nRuntime.ExitError',
      'END',
      'REPORT FULL error Runtime.OutOfMemory',
    ],
    isOfLinux: true,
  },
  'takes too long in INIT': {
    source: `await new Promise(() => ${HOLDS})`,
    changes: { timeoutMs: 400 },
    initTimeoutMs: 200,
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: ID Error: Task timed out after 0.40 seconds',
    lines: [
      initStartText,
      'INIT_REPORT init timeout',
      'INIT_REPORT invoke timeout',
      'START',
      'TIME ID Task timed out after 0.40 seconds',
      'END',
      `REPORT 400.00 ms${memory} timeout`,
    ],
    loads: 0,
  },
}
