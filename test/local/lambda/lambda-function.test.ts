import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FunctionCall } from '../../../local/lambda/lambda-function.ts'
import { answerOf, functionOf, isAlive } from './function-fixture.ts'

const PID = 'export const handler = async () => process.pid'
/** Logs that it has begun and then keeps the event loop busy for ever, unless the event tells it to answer. */
const HANGS = `export const handler = (event) => {
  if (event === 'answer') return process.pid
  console.log('begun')
  return new Promise(() => setInterval(() => {}, 1000))
}`

describe('answers', () => {
  test('an ES module with top-level await answers with the event it got, unicode intact', async () => {
    const { lambda } = functionOf(
      `const greeting = await Promise.resolve('hello')
       export const handler = async (event) => ({ greeting, event })`,
    )
    const event = { text: 'Zürich → 東京 🛫 \u2028' }
    expect(answerOf(await lambda.invoke(JSON.stringify(event)))).toEqual({ greeting: 'hello', event })
  })

  test.each([
    ['index.cjs', 'exports.handler = async () => 1'],
    ['index.js', 'module.exports = Object.fromEntries([["handler", async () => 1]])'],
    ['index.js', 'export const handler = async () => 1'],
  ])('%s answers: %s', async (fileName, source) => {
    const { lambda } = functionOf(source, { fileName })
    expect(answerOf(await lambda.invoke('{}'))).toBe(1)
  })

  test('a handler that returns nothing answers null', async () => {
    const { lambda } = functionOf('export const handler = async () => {}')
    expect(await lambda.invoke('{}')).toMatchObject({ outcome: 'answered', payload: 'null' })
  })

  test('the context tells the invocation, its function and the time that remains', async () => {
    const { lambda, log } = functionOf(
      `export const handler = async (event, context) => {
        console.log('said')
        return { ...context, remainingMs: context.getRemainingTimeInMillis() }
      }`,
      { timeoutMs: 5000 },
    )
    const requestId = randomUUID()
    const result = await lambda.invoke('{}', { requestId })
    await log.seen('said')
    expect(result).toMatchObject({ requestId })
    const { remainingMs, ...context } = answerOf(result) as Record<string, unknown>
    expect(remainingMs).toSatisfy((ms: number) => ms > 0 && ms <= 5000)
    expect(context).toEqual({
      awsRequestId: requestId,
      functionName: 'tally',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:tally',
      logGroupName: '/aws/lambda/tally',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      memoryLimitInMB: '256',
      xRayTraceId: expect.stringMatching(/^Root=/),
    })
    expect(log.lines).toMatchObject([
      { functionName: 'tally', logStreamName: context['logStreamName'], requestId, output: 'stdout' },
    ])
  })

  test('a payload of 6 MB goes in and out whole; an answer over the limit fails and the environment lives on', async () => {
    const { lambda } = functionOf('export const handler = async (event) => event + event.slice(0, 200)')
    const text = 'é'.repeat(3 * 1024 * 1024 - 200)
    const whole = await lambda.invoke(JSON.stringify(text))
    expect(answerOf(whole)).toBe(text + text.slice(0, 200))
    expect(await lambda.invoke(JSON.stringify(text + 'é'.repeat(200)))).toMatchObject({
      outcome: 'function-error',
      errorType: 'Function.ResponseSizeTooLarge',
    })
    expect(answerOf(await lambda.invoke('"x"'))).toBe('xx')
    expect(lambda.stats().coldStarts).toBe(1)
  })

  test("the parent's variables are invisible; the function's own, Lambda's and the extra ones are there", async () => {
    process.env['STREAMTALLY_PARENT_ONLY'] = 'secret'
    const { lambda } = functionOf(
      'export const handler = async () => process.env',
      { environment: { MINE: '1', AWS_ENDPOINT_URL_S3: 'https://example.com' } },
      { extraEnvironment: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' } },
    )
    const variables = answerOf(await lambda.invoke('{}'))
    delete process.env['STREAMTALLY_PARENT_ONLY']
    expect(variables).toMatchObject({
      MINE: '1',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
      _HANDLER: 'index.handler',
      TZ: ':UTC',
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
    })
    expect(variables).not.toHaveProperty('STREAMTALLY_PARENT_ONLY')
    expect(variables).not.toHaveProperty('HOME')
  })
})

describe('environments', () => {
  test('one after the other reuse the warm environment', async () => {
    const { lambda } = functionOf(PID)
    const pids = [answerOf(await lambda.invoke('1')), answerOf(await lambda.invoke('2'))]
    expect(pids[0]).toBe(pids[1])
    expect(lambda.stats()).toEqual({
      invocations: 2,
      errors: 0,
      throttles: 0,
      timeouts: 0,
      coldStarts: 1,
      environments: { live: 1, busy: 0, peak: 1 },
    })
  })

  test('two at once get two environments, and the one used last is reused first', async () => {
    const { lambda } = functionOf(PID)
    const ended: unknown[] = []
    const run = async () => ended.push(answerOf(await lambda.invoke('{}')))
    const both = [run(), run()]
    expect(lambda.stats().environments).toEqual({ live: 2, busy: 2, peak: 2 })
    await Promise.all(both)
    expect(new Set(ended).size).toBe(2)
    expect(answerOf(await lambda.invoke('{}'))).toBe(ended.at(-1))
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, environments: { live: 2, busy: 0, peak: 2 } })
  })

  test('an invocation over the reserved concurrency is throttled, and taken once one has ended', async () => {
    const { lambda } = functionOf(PID, { reservedConcurrency: 1 })
    const first = lambda.invoke('1')
    expect(await lambda.invoke('2')).toEqual({ outcome: 'throttled' })
    await first
    expect(await lambda.invoke('3')).toMatchObject({ outcome: 'answered' })
    expect(lambda.stats()).toMatchObject({ invocations: 2, throttles: 1, coldStarts: 1 })
  })

  test('calls are told when they have ended, with what they met and came to', async () => {
    const calls: FunctionCall[] = []
    const { lambda } = functionOf(
      `export const handler = async (event) => {
        if (event === 'fail') throw new Error('as told')
      }`,
      { reservedConcurrency: 1 },
      { onCall: (call) => calls.push(call), nowMs: () => 1_700_000_000_000 },
    )
    const first = lambda.invoke('1')
    await lambda.invoke('2')
    await first
    await lambda.invoke('"fail"')
    const durationMs = expect.any(Number) as number
    const call = { calledMs: 1_700_000_000_000, concurrency: 1 }
    expect(calls).toEqual([
      { ...call, isThrottled: true },
      { ...call, isThrottled: false, isError: false, durationMs },
      { ...call, isThrottled: false, isError: true, durationMs },
    ])
    expect(calls.every((each) => each.isThrottled || each.durationMs > 0)).toBe(true)
  })

  test('a warm environment that ends by itself is forgotten, and the next invocation gets a new one', async () => {
    const { lambda } = functionOf(PID)
    const pid = Number(answerOf(await lambda.invoke('{}')))
    process.kill(pid, 'SIGKILL')
    while (lambda.stats().environments.live > 0) await setImmediate()
    expect(answerOf(await lambda.invoke('{}'))).not.toBe(pid)
    expect(lambda.stats()).toMatchObject({ errors: 0, coldStarts: 2, environments: { live: 1 } })
  })
})

describe('failures', () => {
  test('an error whose name is not ASCII is reported with that name', async () => {
    const { lambda } = functionOf(
      `export const handler = async () => { throw Object.assign(new Error('x'), { name: 'Fehlerß' }) }`,
    )
    expect(await lambda.invoke('{}')).toMatchObject({ errorType: 'Fehlerß' })
  })

  test('an error is logged with its own members and those of errors in it, and answered with its trace', async () => {
    const { lambda, log } = functionOf(
      `export const handler = async () => {
        throw Object.assign(new RangeError('too färr'), { code: 'E_FAR', cause: new TypeError('why') })
      }`,
    )
    const requestId = randomUUID()
    const { payload } = (await lambda.invoke('{}', { requestId })) as { payload: string }
    expect(JSON.parse(payload)).toEqual({
      errorType: 'RangeError',
      errorMessage: 'too färr',
      trace: expect.arrayContaining(['RangeError: too färr']),
    })
    const [line = ''] = log.lines.map(({ text }) => text)
    const [, json = ''] = line.split(`\t${requestId}\tERROR\tInvoke Error \t`)
    expect(JSON.parse(json)).toEqual({
      errorType: 'RangeError',
      errorMessage: 'too färr',
      code: 'E_FAR',
      cause: expect.objectContaining({ errorType: 'TypeError', errorMessage: 'why' }),
      stack: expect.arrayContaining(['RangeError: too färr']),
    })
  })

  test('the time-out of an invocation ends with it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { lambda, log } = functionOf(HANGS, { timeoutMs: 3000 })
    const pid = answerOf(await lambda.invoke('"answer"'))
    // That of the first invocation would end the second one too early.
    vi.advanceTimersByTime(1)
    const hanging = lambda.invoke('{}')
    await log.seen('begun')
    vi.advanceTimersByTime(2999)
    expect(isAlive(pid)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(await hanging).toMatchObject({
      errorMessage: expect.stringContaining('timed out after 3.00 seconds'),
    })
    expect(isAlive(pid)).toBe(false)
    expect(lambda.stats()).toMatchObject({ errors: 1, timeouts: 1, environments: { live: 1, busy: 0 } })
  })

  test('a process that cannot be started rejects and leaves no environment behind', async () => {
    const { lambda } = functionOf(PID, { codeDirectory: '/no/such/directory' })
    await expect(lambda.invoke('{}')).rejects.toThrow('ENOENT')
    expect(lambda.stats().environments.live).toBe(0)
  })
})

describe('answers that go astray', () => {
  const COUNTS = 'let count = 0; export const handler = async () => ++count'

  test('a lost answer fails the invoker’s call, and the environment that gave it stays warm', async () => {
    const { lambda } = functionOf(COUNTS)
    const asked: string[] = []
    lambda.setFaults({
      fateOfAnswer: (requestId) => {
        asked.push(requestId)
        return 'lost'
      },
    })
    const requestId = randomUUID()
    await expect(lambda.invoke('{}', { requestId })).rejects.toThrow('answer was lost')
    lambda.setFaults({})
    expect(answerOf(await lambda.invoke('{}', { requestId }))).toBe(2)
    expect(asked).toEqual([requestId])
    expect(lambda.stats()).toMatchObject({ invocations: 2, errors: 0, coldStarts: 1 })
  })

  test('an environment killed at its answer fails the invocation, and the next gets a new one', async () => {
    const { lambda } = functionOf(COUNTS)
    lambda.setFaults({ fateOfAnswer: () => 'killed' })
    expect(await lambda.invoke('{}')).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    })
    lambda.setFaults({ fateOfAnswer: () => 'delivered' })
    expect(answerOf(await lambda.invoke('{}'))).toBe(1)
    expect(lambda.stats()).toMatchObject({ invocations: 2, errors: 1, coldStarts: 2 })
  })

  test('an error of the handler is no answer, and arrives', async () => {
    const { lambda } = functionOf("export const handler = async () => { throw new RangeError('no') }")
    lambda.setFaults({ fateOfAnswer: () => 'killed' })
    expect(await lambda.invoke('{}')).toMatchObject({ errorType: 'RangeError' })
    expect(lambda.stats()).toMatchObject({ coldStarts: 1, environments: { live: 1 } })
  })
})

describe('ends', () => {
  test('killBusyEnvironment kills only what is in mid-invocation', async () => {
    const { lambda, log } = functionOf(HANGS)
    const pid = answerOf(await lambda.invoke('"answer"'))
    expect(lambda.killBusyEnvironment()).toBe(false)
    const hanging = lambda.invoke('{}')
    await log.seen('begun')
    expect(lambda.killBusyEnvironment()).toBe(true)
    expect(await hanging).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    })
    expect(isAlive(pid)).toBe(false)
  })

  test('killBusyEnvironment takes the one that was picked', async () => {
    const { lambda, log } = functionOf(HANGS)
    const settled: string[] = []
    const hang = async (requestId: string) => {
      await lambda.invoke('{}', { requestId })
      settled.push(requestId)
    }
    const first = hang('first')
    const second = hang('second')
    await log.seen('begun', 2)
    expect(lambda.killBusyEnvironment((count) => count - 1)).toBe(true)
    await second
    expect(settled).toEqual(['second'])
    expect(lambda.killBusyEnvironment()).toBe(true)
    await first
  })

  test('close ends busy, warm and starting environments', async () => {
    const { lambda, log } = functionOf(HANGS)
    const pids = (await Promise.all([lambda.invoke('"answer"'), lambda.invoke('"answer"')])).map(answerOf)
    const hanging = lambda.invoke('{}')
    await log.seen('begun')
    const warmAndStarting = [lambda.invoke('"answer"'), lambda.invoke('"answer"')]
    expect(pids.map(isAlive)).toEqual([true, true])
    await lambda.close()
    expect(pids.map(isAlive)).toEqual([false, false])
    expect(await hanging).toMatchObject({ errorType: 'Runtime.ExitError' })
    await Promise.all(warmAndStarting)
    expect(lambda.stats()).toMatchObject({ coldStarts: 3, environments: { live: 0, busy: 0 } })
    await expect(lambda.invoke('{}')).rejects.toThrow('Function tally is closed')
  })

  test.each([
    ['process.exit(3)', 'exit status 3'],
    ['setInterval(() => {}, 1000)', 'signal: killed'],
  ])(
    'a process that the function started ends with it and holds nothing up: %s',
    async (statement, reason) => {
      const { lambda, log } = functionOf(
        `import { spawn } from 'node:child_process'
       export const handler = () => {
         const source = "console.log(1); setInterval(() => {}, 1000)"
         const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
         child.stdout.once('data', () => { console.log('begun'); ${statement} })
         return new Promise(() => {})
       }`,
      )
      const invocation = lambda.invoke('{}')
      await log.seen('begun')
      if (reason === 'signal: killed') await lambda.close()
      expect(await invocation).toMatchObject({ errorMessage: expect.stringContaining(reason) })
    },
  )
})
