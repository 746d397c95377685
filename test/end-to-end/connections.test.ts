import { afterAll, beforeAll, expect, test } from 'vitest'
import { runScript } from '../../demo/processes.ts'
import { type LocalStack, startLocalStack, synthesise } from '../../local/main.ts'
import type { SynthesisedApp } from '../../local/synthesise.ts'

/** Sent twice, too few to seal: all conditional writes are swaps of heads, whose lost answers lead to another read. */
const departures = '500'

let app: SynthesisedApp | undefined
let stack: LocalStack

beforeAll(async () => {
  app = await synthesise()
  stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: () => undefined,
    onNotice: () => undefined,
  })
})

afterAll(async () => {
  await stack.close()
  await app?.remove()
})

test('an environment has one connection to Momento for life, a second only for consistent reads, none an invocation', async () => {
  await sendAndDrain()
  const first = connections()
  expect(first.all).toBe(first.coldStarts + first.forConsistentReads)

  // A swap whose answer is lost makes its environment read consistently.
  stack.momento.setFaults({
    loseAnswerRate: 1,
    methods: ['SetIfHash'],
    onApplied: ({ method }) => {
      if (method === 'SetIfHash') stack.momento.setFaults({})
    },
  })
  await sendAndDrain()
  const second = connections()
  expect(stack.momento.counters().answersLost).toBeGreaterThan(0)
  expect(second.forConsistentReads).toBeGreaterThan(0)
  expect(second.forConsistentReads).toBeLessThanOrEqual(second.coldStarts)
  expect(second.all).toBe(second.coldStarts + second.forConsistentReads)

  expect(second.invocations).toBeGreaterThan(second.coldStarts)
}, 60_000)

async function sendAndDrain(): Promise<void> {
  const stream = stack.outputs['FlightsStreamName'] ?? ''
  const signal = new AbortController().signal
  const options = { environment: stack.environment, signal, onTalk: () => undefined }
  await runScript('produce', ['flights', '--stream', stream, '--limit', departures], options)
  await stack.drained()
}

function connections(): { all: number; forConsistentReads: number; coldStarts: number; invocations: number } {
  const counters = stack.momento.counters()
  const functions = Array.from(stack.functions.values(), (lambda) => lambda.stats())
  return {
    all: counters.connections,
    forConsistentReads: counters.consistentConnections,
    coldStarts: functions.reduce((sum, { coldStarts }) => sum + coldStarts, 0),
    invocations: functions.reduce((sum, { invocations }) => sum + invocations, 0),
  }
}
