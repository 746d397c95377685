import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  endText,
  initReportText,
  initStartText,
  reportsFailure,
  reportText,
  startText,
} from '../../../local/lambda/platform-lines.ts'
import { loggedFunctionOf } from './function-fixture.ts'

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

test('an invocation begins with START and ends with END and REPORT; only the first has an INIT', async () => {
  const { lambda, lines, texts } = loggedFunctionOf("export const handler = async () => console.log('said')")
  await lambda.invoke('{}', { requestId })
  expect(texts()).toEqual([initStartText, start, 'said', end, report(used, init)])
  expect(new Set(lines.map(({ logStreamName }) => logStreamName)).size).toBe(1)
  expect(lines.map((line) => line.requestId)).toEqual([undefined, ...Array<string>(4).fill(requestId)])
  lines.length = 0
  await lambda.invoke('{}', { requestId })
  expect(texts()).toEqual([start, 'said', end, report(used)])
})

test('every invocation has what it wrote between its START and its END', async () => {
  const { lambda, texts } = loggedFunctionOf(
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

test('a report leaves out what is not known, and bills an INIT', () => {
  const known = { requestId: 'id', durationMs: 12.341, memorySizeMb: 512, platformErrorType: undefined }
  const begin = 'REPORT RequestId: id\tDuration: 12.34 ms\t'
  expect(reportText({ ...known, maximumMemoryUsedMb: undefined, initDurationMs: undefined })).toBe(
    `${begin}Billed Duration: 13 ms\tMemory Size: 512 MB\t`,
  )
  expect(reportText({ ...known, maximumMemoryUsedMb: 90, initDurationMs: 220.109 })).toBe(
    `${begin}Billed Duration: 233 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\tInit Duration: 220.11 ms\t`,
  )
})

test.each([
  ['Sandbox.Timedout', 'Status: timeout'],
  ['Runtime.ExitError', 'Status: error\tError Type: Runtime.ExitError'],
  ['Function.Mine', 'Status: error\tError Type: Function.Mine'],
  ['RangeError', 'Status: error\tError Type: Runtime.Unknown'],
])('what the platform calls an end by %s', (platformErrorType, status) => {
  const initReport = initReportText(1236.041, 'init', platformErrorType)
  expect(initReport).toBe(`INIT_REPORT Init Duration: 1236.04 ms\tPhase: init\t${status}`)
  const known = { requestId: 'id', durationMs: 3000, memorySizeMb: 128, platformErrorType }
  const ofEnd = reportText({ ...known, maximumMemoryUsedMb: 64, initDurationMs: undefined })
  expect(ofEnd).toBe(
    `REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t${status}`,
  )
  expect([initReport, ofEnd].map(reportsFailure)).toEqual([true, true])
  const ofSuccess = { ...known, platformErrorType: undefined, maximumMemoryUsedMb: 64, initDurationMs: 7 }
  expect([reportText(ofSuccess), startText('id'), endText('id')].map(reportsFailure)).toEqual([
    false,
    false,
    false,
  ])
})
