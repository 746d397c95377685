import { expect, test } from 'vitest'
import { exitError, newTraceId, timedOutError } from '../../../local/lambda/invocation.ts'

test('failures of the platform carry the words of Lambda', () => {
  expect(timedOutError('r', 3000).errorMessage).toBe('RequestId: r Error: Task timed out after 3.00 seconds')
  expect(exitError('r', { exitCode: 1, signal: null }).errorMessage).toBe(
    'RequestId: r Error: Runtime exited with error: exit status 1',
  )
  expect(exitError('r', { exitCode: 0, signal: null }).errorMessage).toBe(
    'RequestId: r Error: Runtime exited without providing a reason',
  )
  expect(exitError('r', { exitCode: null, signal: 'SIGKILL' })).toEqual({
    outcome: 'function-error',
    errorType: 'Runtime.ExitError',
    errorMessage: 'RequestId: r Error: Runtime exited with error: signal: killed',
    payload:
      '{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited with error: signal: killed"}',
  })
})

test.each([
  ['SIGABRT', 'aborted'],
  ['SIGSEGV', 'segmentation fault'],
  ['SIGQUIT', 'signal 3'],
] as const)('%s is called %s', (signal, name) => {
  expect(exitError('r', { exitCode: null, signal }).errorMessage).toBe(
    `RequestId: r Error: Runtime exited with error: signal: ${name}`,
  )
})

test('a trace id begins with its second and never repeats', () => {
  expect(newTraceId(1_000)).toMatch(/^Root=1-00000001-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/)
  expect(newTraceId(1_000)).not.toBe(newTraceId(1_000))
})
