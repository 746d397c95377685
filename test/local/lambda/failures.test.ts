import { EventEmitter, once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { DiscardedBatch } from '../../../local/event-source-mapping/discarded-batch.ts'
import { EventSourceMapping } from '../../../local/event-source-mapping/mapping.ts'
import type { FunctionError } from '../../../local/lambda/invocation.ts'
import type { LambdaFunction } from '../../../local/lambda/lambda-function.ts'
import { initStartText } from '../../../local/lambda/platform-lines.ts'
import { defaultProperties } from '../event-source-mapping/default-properties.ts'
import { ManualClock } from '../event-source-mapping/manual-clock.ts'
import { MemorySource } from '../event-source-mapping/memory-source.ts'
import { failures } from './failure-cases.ts'
import { loggedFunctionOf } from './function-fixture.ts'

const shardId = 'shardId-000000000000'
const memorySizeMb = 192

for (const [what, failure] of Object.entries(failures)) {
  test.skipIf(failure.isOfLinux === true && process.platform !== 'linux')(
    `a function that ${what} has its batch halved, then tried again`,
    async () => {
      const { source, changes, initTimeoutMs, errorType, errorMessage, lines, loads } = failure
      const { lambda, texts } = loggedFunctionOf(
        source,
        { memorySizeMb, ...changes },
        initTimeoutMs === undefined ? {} : { initTimeoutMs },
      )
      const { calls, discarded } = await consumeTwoRecords(lambda)
      const [{ requestId, error } = expect.unreachable()] = calls

      expect({ ...error, errorMessage: error.errorMessage.replace(requestId, 'ID') }).toMatchObject({
        errorType,
        errorMessage,
      })
      expect(JSON.parse(error.payload)).toMatchObject({ errorType, errorMessage: error.errorMessage })

      const logged = texts().flatMap((text) => inShort(text, requestId) ?? [])
      const end = logged.findIndex((text) => text.startsWith('REPORT')) + 1
      expect(logged.slice(0, end)).toEqual(lines)
      expect(logged.filter((text) => text === 'loaded')).toHaveLength(loads)
      // One environment, whatever its runtimes do, and one INIT of its own.
      expect(lambda.stats()).toMatchObject({ coldStarts: 1, errors: 3, environments: { live: 1 } })
      expect(logged.filter((text) => text === initStartText)).toHaveLength(1)

      expect(calls.map(({ records }) => records)).toEqual([['7', '8'], ['7'], ['7']])
      const ids = calls.map((call) => call.requestId)
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
  readonly error: FunctionError
}

/** Gives a batch of two to a function that fails, halving it and with one retry, until the first is given up. */
async function consumeTwoRecords(lambda: LambdaFunction) {
  const clock = new ManualClock()
  const source = new MemorySource([shardId], clock)
  const calls: Call[] = []
  const discarded: DiscardedBatch[] = []
  const events = new EventEmitter()
  let draw = 0
  const mapping = new EventSourceMapping({
    source,
    invoke: async (payload, { requestId }) => {
      // The other half has no more to say.
      if (calls.length === 3) return { outcome: 'answered', payload: '{}' }
      const { Records } = JSON.parse(payload) as { Records: { kinesis: { sequenceNumber: string } }[] }
      const records = Records.map(({ kinesis }) => kinesis.sequenceNumber)
      const error = await lambda.invoke(payload, { requestId })
      if (error.outcome !== 'function-error') throw new Error(`not failed, but ${error.outcome}`)
      calls.push({ requestId, records, error })
      events.emit('call')
      return error
    },
    properties: { ...defaultProperties, maximumRetryAttempts: 1, bisectBatchOnFunctionError: true },
    clock,
    random: () => (draw = (draw + 0.37) % 1),
    onDiscard: (batch) => discarded.push(batch),
    onError: (error) => events.emit('error', error),
  })
  onTestFinished(() => mapping.stop())
  source.put(shardId, 'key')
  source.put(shardId, 'key')
  mapping.start()
  for (let call = 1; call <= 3; call += 1) {
    const called = once(events, 'call')
    // Over the pause before a retry.
    await clock.advance(1_000)
    await called
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
      /\tDuration: ([\d.]+ ms).*Status: timeout$/.exec(text)?.[1],
      memory === String(memorySizeMb) ? 'FULL' : memory && 'MEMORY',
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
