import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts'
import type { LogLine } from '../../../local/lambda/log-lines.ts'
import {
  initStartText,
  peakMemoryMb,
  type PlatformLine,
  reportText,
} from '../../../local/lambda/platform-lines.ts'
import { functionOf } from './function-fixture.ts'

const requestId = randomUUID()
const start = `START RequestId: ${requestId} Version: $LATEST`
const end = `END RequestId: ${requestId}`
/** Linux alone tells what a process has used. */
const used = process.platform === 'linux' ? String.raw`Max Memory Used: \d+ MB\t` : ''

function report(...rest: string[]) {
  const begin = String.raw`REPORT RequestId: ${requestId}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t`
  return expect.stringMatching(new RegExp(`^${begin}${rest.join('')}$`)) as string
}
const init = String.raw`Init Duration: \d+\.\d\d ms\t`

/** A function, and in one list the lines that it and the platform write. */
function loggedFunction(source: string, changes: Partial<FunctionConfiguration> = {}) {
  const lines: (LogLine | PlatformLine)[] = []
  const add = (line: LogLine | PlatformLine): void => void lines.push(line)
  const { lambda, log } = functionOf(source, changes, { onLog: add, onPlatformLog: add })
  return { lambda, log, lines, texts: () => lines.map(({ text }) => text) }
}

test('an invocation begins with START and ends with END and REPORT; only the first has an INIT', async () => {
  const { lambda, lines, texts } = loggedFunction("export const handler = async () => console.log('said')")
  await lambda.invoke('{}', { requestId })
  expect(texts()).toEqual([initStartText, start, 'said', end, report(used, init)])
  expect(new Set(lines.map(({ logStreamName }) => logStreamName)).size).toBe(1)
  expect(lines.map((line) => line.requestId)).toEqual([undefined, ...Array<string>(4).fill(requestId)])
  lines.length = 0
  await lambda.invoke('{}', { requestId })
  expect(texts()).toEqual([start, 'said', end, report(used)])
})

test('an error of the handler is what the runtime writes of it, and nothing of the platform', async () => {
  const { lambda, texts } = loggedFunction(
    "export const handler = async () => { throw new RangeError('no') }",
  )
  await lambda.invoke('{}', { requestId })
  const error = expect.stringContaining('ERROR\tInvoke Error') as string
  expect(texts()).toEqual([initStartText, start, error, end, report(used, init)])
})

test('a time-out has a line', async () => {
  const { lambda, texts } = loggedFunction('export const handler = () => { for (;;); }', { timeoutMs: 150 })
  await lambda.invoke('{}', { requestId })
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
  const timedOut = expect.stringMatching(
    new RegExp(`^${time} ${requestId} Task timed out after 0.15 seconds$`),
  ) as string
  expect(texts()).toEqual([initStartText, start, timedOut, end, report(used, init)])
})

test.each([
  ['process.exit(1)', 'exited with error: exit status 1'],
  ["process.kill(process.pid, 'SIGKILL')", 'exited with error: signal: killed'],
])('%s has a line, and what the process used is not known', async (statement, reason) => {
  const { lambda, texts } = loggedFunction(
    `export const handler = () => { console.log('said'); ${statement} }`,
  )
  await lambda.invoke('{}', { requestId })
  const exit = `RequestId: ${requestId} Error: Runtime ${reason}\nRuntime.ExitError`
  expect(texts()).toEqual([initStartText, start, 'said', exit, end, report(init)])
})

test('an INIT that fails is all there is of its invocation', async () => {
  const { lambda, texts } = loggedFunction('process.exit(7)')
  await lambda.invoke('{}', { requestId })
  const exit = `RequestId: ${requestId} Error: Runtime exited with error: exit status 7\nRuntime.ExitError`
  expect(texts()).toEqual([initStartText, start, exit, end, report()])
})

test('every invocation has what it wrote between its START and its END', async () => {
  const { lambda, texts } = loggedFunction(
    'export const handler = async (event) => { for (let i = 0; i < 20; i++) console.log(event) }',
  )
  for (let event = 0; event < 20; event++) await lambda.invoke(String(event))
  const ofInvocations = texts()
    .join('\n')
    .split(/^START .*$/m)
    .slice(1)
  expect(ofInvocations).toHaveLength(20)
  ofInvocations.forEach((text, event) => {
    expect(text.split('\nEND')[0]).toBe(`\n${event}`.repeat(20))
  })
})

test('a report leaves out what is not known', () => {
  const known = { requestId: 'id', durationMs: 12.341, memorySizeMb: 512 }
  const begin = 'REPORT RequestId: id\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\t'
  expect(reportText({ ...known, maximumMemoryUsedMb: undefined, initDurationMs: undefined })).toBe(begin)
  expect(reportText({ ...known, maximumMemoryUsedMb: 90, initDurationMs: 220.109 })).toBe(
    `${begin}Max Memory Used: 90 MB\tInit Duration: 220.11 ms\t`,
  )
})

test.runIf(process.platform === 'linux')('the peak memory of a process is known while it lives', () => {
  expect(peakMemoryMb(process.pid)).toBeGreaterThan(20)
  expect(peakMemoryMb(2 ** 30)).toBeUndefined()
})
