import { expect, onTestFinished, test } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import { EventSourceMapping } from '../../../local/event-source-mapping/mapping.ts'
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts'
import type { InvokeResult } from '../../../local/lambda/lambda-function.ts'
import { initStartText } from '../../../local/lambda/platform-lines.ts'
import { defaultProperties } from '../event-source-mapping/default-properties.ts'
import { ManualClock } from '../event-source-mapping/manual-clock.ts'
import { MemorySource } from '../event-source-mapping/memory-source.ts'
import { loggedFunctionOf } from './function-fixture.ts'

/** Each way for a function to fail, on a batch of a real mapping, and what AWS Lambda makes of it. */
interface Failure {
  readonly source: string
  readonly changes?: Partial<FunctionConfiguration>
  readonly initTimeoutMs?: number
  readonly errorType: string
  /** With `ID` for the request id. */
  readonly errorMessage: string | RegExp
  /** What the log has of the first invocation, as {@link inShort} has it. */
  readonly lines: readonly string[]
  /** Whether the next invocation finds the same runtime, with all that it had in memory. */
  readonly staysWarm: boolean
  /** Only Linux tells what a process uses. */
  readonly isOfLinux?: true
}

const report = 'REPORT MEMORY INIT'
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
  return { source: handler(body), errorType, errorMessage, lines, staysWarm: true }
}

/** The runtime ends within the invocation: the platform words it, and the next invocation begins with an INIT. */
function exited(body: string, reason: string): Failure {
  const errorMessage = `RequestId: ID Error: Runtime exited ${reason}`
  const exit = `${errorMessage}\nRuntime.ExitError`
  const lines = [initStartText, 'loaded', 'START', exit, 'END', 'REPORT INIT error Runtime.ExitError']
  return { source: handler(body), errorType: 'Runtime.ExitError', errorMessage, lines, staysWarm: false }
}

/** The runtime reports what it could not load; its INIT is run again within the invocation. */
function notLoaded(
  source: string,
  errorType: string,
  errorMessage: string | RegExp,
  named = errorType,
): Failure {
  const error = `ERROR Init Error ${errorType}: `
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
  return { source, errorType, errorMessage, lines, staysWarm: false }
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
  return { source, errorType: 'Runtime.ExitError', errorMessage, lines, staysWarm: false }
}

const HOLDS = 'setInterval(() => {}, 1000)'
const GROWS = 'const held = []; for (;;) held.push(Buffer.alloc(2 ** 22, 1))'

const failures: Record<string, Failure> = {
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
    staysWarm: true,
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
      'REPORT MEMORY INIT timeout',
    ],
    staysWarm: false,
  },
  'throws in INIT': notLoaded("throw new RangeError('no')", 'RangeError', 'no', 'Runtime.Unknown'),
  'has a syntax error': notLoaded('export const = 1', 'Runtime.UserCodeSyntaxError', /^SyntaxError: /),
  'imports what is not there': notLoaded(
    "import 'not-there'",
    'Error',
    /^Cannot find package 'not-there'/,
    'Runtime.Unknown',
  ),
  'has no such module': {
    ...notLoaded('', 'Runtime.ImportModuleError', /^Error: Cannot find module 'other'\nRequire stack:\n- /),
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
    /callback/,
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
      'REPORT MEMORY timeout',
    ],
    staysWarm: false,
  },
}

for (const [what, failure] of Object.entries(failures)) {
  test.skipIf(failure.isOfLinux === true && process.platform !== 'linux')(
    `a function that ${what} has its batch halved, then tried again`,
    async () => {
      const { source, changes, initTimeoutMs, errorType, errorMessage, lines, staysWarm } = failure
      const { lambda, texts } = loggedFunctionOf(
        source,
        { memorySizeMb: 192, ...changes },
        initTimeoutMs === undefined ? {} : { initTimeoutMs },
      )
      const { calls, discarded } = await consumeTwoRecords(lambda.invoke.bind(lambda))

      const [first] = calls
      expect(first?.result).toMatchObject({
        outcome: 'function-error',
        errorType,
        errorMessage:
          typeof errorMessage === 'string'
            ? errorMessage.replace('ID', first?.requestId ?? '')
            : expect.stringMatching(errorMessage),
      })
      const { payload } = first?.result as { payload: string }
      expect(JSON.parse(payload)).toMatchObject({ errorType })

      const logged = texts().map((text) => inShort(text, first?.requestId ?? ''))
      const end = logged.findIndex((text) => text?.startsWith('REPORT')) + 1
      expect(logged.slice(0, end).filter((text) => text !== undefined)).toEqual(
        lines.map((line) =>
          line.startsWith('ERROR Init') ? expect.stringContaining(line) : knownHere(line),
        ),
      )
      // One environment, whatever its runtimes do, and one INIT of its own.
      expect(lambda.stats()).toMatchObject({ coldStarts: 1, errors: 3, environments: { live: 1 } })
      expect(logged.filter((text) => text === initStartText)).toHaveLength(1)
      if (lines.includes('loaded')) {
        expect(logged.filter((text) => text === 'loaded')).toHaveLength(staysWarm ? 1 : 3)
      }

      expect(calls.map(({ records }) => records)).toEqual([['7', '8'], ['7'], ['7']])
      const ids = calls.map(({ requestId }) => requestId)
      expect(ids[1]).toBe(ids[2])
      expect(ids[0]).not.toBe(ids[1])
      expect(discarded).toMatchObject([
        { records: [{ sequenceNumber: '7' }], failure: { reason: 'function-error', errorType } },
      ])
    },
  )
}

interface Call {
  readonly requestId: string
  readonly records: readonly string[]
  readonly result: InvokeResult
}

/** Gives a batch of two to a function that fails, halving it and with one retry, until the first is given up. */
async function consumeTwoRecords(
  invoke: (payload: string, options: { requestId: string }) => Promise<InvokeResult>,
) {
  const clock = new ManualClock()
  const source = new MemorySource(['shardId-000000000000'], clock)
  const calls: Call[] = []
  const discarded: DiscardedBatch[] = []
  let draw = 0
  let settled: () => void = () => undefined
  const mapping = new EventSourceMapping({
    source,
    invoke: async (payload, { requestId }) => {
      const { Records } = JSON.parse(payload) as { Records: { kinesis: { sequenceNumber: string } }[] }
      // The other half has no more to say.
      if (calls.length === 3) return { outcome: 'answered', payload: '{}' }
      const result = await invoke(payload, { requestId })
      calls.push({ requestId, records: Records.map(({ kinesis }) => kinesis.sequenceNumber), result })
      settled()
      return result
    },
    properties: { ...defaultProperties, maximumRetryAttempts: 1, bisectBatchOnFunctionError: true },
    clock,
    random: () => (draw = (draw + 0.37) % 1),
    onDiscard: (batch) => discarded.push(batch),
    onError: (error) => expect.unreachable(String(error)),
  })
  onTestFinished(() => mapping.stop())
  source.put('shardId-000000000000', 'key')
  source.put('shardId-000000000000', 'key')
  mapping.start()
  for (let call = 1; call <= 3; call += 1) {
    const isCalled = new Promise<void>((resolve) => {
      settled = resolve
    })
    await clock.advance(1_000)
    if (calls.length < call) await isCalled
    await clock.settle()
  }
  await mapping.drained()
  return { calls, discarded }
}

/** A line without what differs from time to time; of what a function writes, only what the runtime says. */
function inShort(text: string, requestId: string): string | undefined {
  const initReport =
    /^INIT_REPORT Init Duration: [\d.]+ ms\tPhase: (\w+)\tStatus: (\w+)(\tError Type: (.*))?$/.exec(text)
  if (initReport)
    return ['INIT_REPORT', initReport[1], initReport[2], initReport[4]].filter(Boolean).join(' ')
  if (text.startsWith('REPORT RequestId')) {
    const memory = /Max Memory Used: (\d+)/.exec(text)?.[1]
    return [
      'REPORT',
      memory === '192' ? 'FULL' : memory && 'MEMORY',
      text.includes('Init Duration') && 'INIT',
      /Status: (\w+)/.exec(text)?.[1],
      /Error Type: (.*)$/.exec(text)?.[1],
    ]
      .filter(Boolean)
      .join(' ')
  }
  const [, title, json] = /\tERROR\t(\w+ Error) \t(.*)$/.exec(text) ?? []
  if (json !== undefined) {
    const { errorType, errorMessage } = JSON.parse(json) as Record<string, string>
    return `ERROR ${title} ${errorType}: ${errorMessage}`
  }
  if (/LAMBDA_RUNTIME .* 413/.test(text)) return 'LAMBDA_RUNTIME 413'
  if (/^(START|END) RequestId/.test(text)) return text.split(' ', 1)[0]
  if (text.includes('Task timed out')) return text.replace(/^\S+/, 'TIME').replace(requestId, 'ID')
  if (text.startsWith('RequestId: ')) return text.replace(requestId, 'ID')
  return text === 'loaded' || text === initStartText ? text : undefined
}

/** Where nothing tells what a process uses, the report leaves it out. */
function knownHere(line: string): string {
  return process.platform === 'linux' ? line : line.replace(' MEMORY', '')
}
