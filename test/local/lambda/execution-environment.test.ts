import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { initStartText } from '../../../local/lambda/platform-lines.ts'
import { shutdownGraceMs } from '../../../local/lambda/runtime.ts'
import { answerOf, functionOf, isAlive, loggedFunctionOf } from './function-fixture.ts'

/** Code that does something only the first time that it is loaded. */
const firstTime = (statement: string) => `
import { existsSync, writeFileSync } from 'node:fs'
const isFirst = !existsSync('loaded-before')
writeFileSync('loaded-before', '')
if (isFirst) { ${statement} }`
/** Waits without an event loop, as no timer that fires too soon can. */
const WAITS = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)'
const NEVER = 'await new Promise(() => setInterval(() => {}, 1000))'
const PID = 'export const handler = async () => process.pid'

/** Code that does something when it is asked to end. */
const onTerm = (statement: string) =>
  `process.on('SIGTERM', () => { console.log('asked to end'); ${statement} })
   export const handler = async (event) => {
     if (event === 'hang') { console.log('hangs'); ${NEVER} }
     return process.pid
   }`

function fakeTimeouts() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
}

describe('an INIT', () => {
  test('that fails is run again in the invocation, as part of its duration and its time-out', async () => {
    const { lambda, texts } = loggedFunctionOf(
      `${firstTime('process.exit(1)')}
      ${WAITS}
      export const handler = async (event, context) => context.getRemainingTimeInMillis()`,
      { timeoutMs: 5_000 },
    )
    expect(answerOf(await lambda.invoke('{}'))).toBeLessThanOrEqual(4_900)
    expect(texts()).toEqual([
      initStartText,
      expect.stringMatching(
        /^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: Runtime\.ExitError$/,
      ),
      expect.stringMatching(/^START/),
      expect.stringMatching(/^END/),
      expect.not.stringContaining('Init Duration'),
    ])
    const [, durationMs] = /\tDuration: (\d+\.\d\d) ms/.exec(texts().at(-1) ?? '') ?? []
    expect(Number(durationMs)).toBeGreaterThanOrEqual(100)
  })

  test('has ten seconds, whatever the time-out, and is then run again', async () => {
    fakeTimeouts()
    const source = `${firstTime(`console.log('begun'); ${NEVER}`)}; console.log('again'); ${PID}`
    const { lambda, log, texts } = loggedFunctionOf(source, { timeoutMs: 3_000 })
    const invocation = lambda.invoke('{}')
    await log.seen('begun')
    vi.advanceTimersByTime(9_999)
    expect(texts()).toEqual([initStartText, 'begun'])
    vi.advanceTimersByTime(1)
    expect(answerOf(await invocation)).toEqual(expect.any(Number))
    expect(texts()).toEqual([
      initStartText,
      'begun',
      expect.stringMatching(/Phase: init\tStatus: timeout$/),
      'again',
      expect.stringMatching(/^START/),
      expect.stringMatching(/^END/),
      expect.stringMatching(/^REPORT/),
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that is killed from outside is not run again', async () => {
    const { lambda, log, texts } = loggedFunctionOf(`console.log('begun'); ${NEVER}`)
    const invocation = lambda.invoke('{}')
    await log.seen('begun')
    await lambda.close()
    expect(await invocation).toMatchObject({ errorType: 'Runtime.ExitError' })
    expect(texts().filter((text) => text === 'begun' || text.startsWith('INIT_REPORT'))).toEqual(['begun'])
  })
})

test('the remaining time is that to the deadline, by the clock of the stack', async () => {
  const { lambda } = functionOf(
    `export const handler = async (event, context) => {
      const beforeMs = context.getRemainingTimeInMillis()
      ${WAITS}
      return { beforeMs, afterMs: context.getRemainingTimeInMillis() }
    }`,
    { timeoutMs: 70_000 },
    { nowMs: () => Date.now() - 60_000 },
  )
  const { beforeMs, afterMs } = answerOf(await lambda.invoke('{}')) as Record<string, number>
  expect(beforeMs).toSatisfy((ms: number) => ms > 0 && ms <= 10_000)
  expect((beforeMs ?? 0) - (afterMs ?? 0)).toBeGreaterThanOrEqual(100)
})

describe.runIf(process.platform === 'linux')('memory', () => {
  test('of 128 MB is enough for a small function, and of 32 MB for none', async () => {
    const small = functionOf(PID, { memorySizeMb: 128 })
    expect(await small.lambda.invoke('{}')).toMatchObject({ outcome: 'answered' })
    const none = functionOf(NEVER, { memorySizeMb: 32 })
    expect(await none.lambda.invoke('{}')).toMatchObject({
      errorMessage: expect.stringContaining('signal: killed'),
    })
  })
})

describe('the end', () => {
  test('of an idle environment is asked for with SIGTERM, and what it then writes is logged', async () => {
    const { lambda, texts } = loggedFunctionOf(onTerm('process.exit(0)'))
    const pid = answerOf(await lambda.invoke('{}'))
    await lambda.close()
    expect(isAlive(pid)).toBe(false)
    expect(texts()).toContain('asked to end')
  })

  test('comes with SIGKILL when it takes its time', async () => {
    fakeTimeouts()
    const { lambda, log } = functionOf(onTerm(''))
    const pid = answerOf(await lambda.invoke('{}'))
    const closed = lambda.close()
    await log.seen('asked to end')
    vi.advanceTimersByTime(shutdownGraceMs - 1)
    expect(isAlive(pid)).toBe(true)
    vi.advanceTimersByTime(1)
    await closed
    expect(isAlive(pid)).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is asked for once, however often the function is closed', async () => {
    fakeTimeouts()
    const { lambda, texts } = loggedFunctionOf(onTerm('setImmediate(() => process.exit(0))'))
    await lambda.invoke('{}')
    await Promise.all([lambda.close(), lambda.close()])
    expect(texts().filter((text) => text === 'asked to end')).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of a busy environment comes with SIGKILL at once', async () => {
    const { lambda, log, texts } = loggedFunctionOf(onTerm('process.exit(0)'))
    const hanging = lambda.invoke('"hang"')
    await log.seen('hangs')
    await lambda.close()
    expect(await hanging).toMatchObject({ errorMessage: expect.stringContaining('signal: killed') })
    expect(texts()).not.toContain('asked to end')
  })
})
