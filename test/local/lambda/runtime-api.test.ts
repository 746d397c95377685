import { expect, onTestFinished, test } from 'vitest'
import type { InvocationOutcome } from '../../../local/lambda/invocation.ts'
import { startRuntimeApi } from '../../../local/lambda/runtime-api.ts'

const invocation = {
  requestId: 'request-1',
  payload: '{"a":1}',
  deadlineMs: 1_700_000_000_123,
  functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:tally',
  traceId: 'Root=1-00000001-000000000000000000000000',
}

async function started() {
  const outcomes: InvocationOutcome[] = []
  let onNext: (() => void) | undefined
  const api = await startRuntimeApi({
    onNext: () => onNext?.(),
    onOutcome: (outcome) => outcomes.push(outcome),
    onInitError: (error) => outcomes.push(error),
  })
  onTestFinished(() => api.close())
  const base = `http://${api.address}/2018-06-01/runtime`
  const post = async (path: string, body: string, headers: Record<string, string> = {}) =>
    (await fetch(`${base}/${path}`, { method: 'POST', body, headers })).status
  /** Asks for an invocation as the runtime does and is handed one. */
  const next = async () => {
    const isAsked = new Promise<void>((resolve) => {
      onNext = resolve
    })
    const answer = fetch(`${base}/invocation/next`)
    await isAsked
    api.deliver(invocation)
    return answer
  }
  return { api, base, outcomes, post, next }
}

test('the runtime that asks gets the event with the headers of Lambda', async () => {
  const { next } = await started()
  const response = await next()
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'lambda-runtime-aws-request-id': 'request-1',
    'lambda-runtime-deadline-ms': '1700000000123',
    'lambda-runtime-invoked-function-arn': invocation.functionArn,
    'lambda-runtime-trace-id': invocation.traceId,
  })
  expect(await response.text()).toBe('{"a":1}')
})

test('an answer counts once, and only for the invocation in hand', async () => {
  const { next, post, outcomes } = await started()
  await next()
  expect(await post('invocation/other/response', '0')).toBe(400)
  expect(outcomes).toEqual([])
  expect(await post('invocation/request-1/response', '1')).toBe(202)
  expect(await post('invocation/request-1/response', '2')).toBe(400)
  expect(outcomes).toEqual([{ outcome: 'answered', payload: '1' }])
})

test('a report is answered in the words of Lambda', async () => {
  const { base, next } = await started()
  await next()
  const answerTo = async (body: string, requestId = 'request-1') => {
    const response = await fetch(`${base}/invocation/${requestId}/response`, { method: 'POST', body })
    return [response.status, await response.json()]
  }
  expect(await answerTo('0', 'other')).toEqual([
    400,
    { errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' },
  ])
  expect(await answerTo('0')).toEqual([202, { status: 'OK' }])
  await next()
  expect(await answerTo('x'.repeat(6_291_557))).toEqual([
    413,
    {
      errorType: 'RequestEntityTooLarge',
      errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
    },
  ])
})

test('an error in a form of its own is named by its header, or not at all', async () => {
  const { next, post, outcomes } = await started()
  await next()
  const headers = { 'Lambda-Runtime-Function-Error-Type': 'Custom' }
  await post('invocation/request-1/error', 'no JSON', headers)
  await post('init/error', '{"errorType":1}')
  expect(outcomes).toMatchObject([
    { errorType: 'Custom', errorMessage: '', payload: 'no JSON' },
    { errorType: 'Runtime.Unknown', errorMessage: '', payload: '{"errorType":1}' },
  ])
})

test('other paths and methods are not found', async () => {
  const { base, post, outcomes } = await started()
  expect(await post('invocation/next', '')).toBe(404)
  expect((await fetch(`${base}/init/error`)).status).toBe(404)
  expect(outcomes).toEqual([])
})

test('nothing can be delivered to a runtime that does not ask', async () => {
  const { api, next } = await started()
  expect(() => api.deliver(invocation)).toThrow('does not wait')
  expect((await next()).status).toBe(200)
})
