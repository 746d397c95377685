import {
  CacheClient,
  CacheGet,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
} from '@gomomento/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveFlights } from '../../demo/once.ts'
import { type LocalStack, startLocalStack, synthesise } from '../../local/main.ts'
import type { SynthesisedApp } from '../../local/synthesise.ts'

const departures = 6_000
const lostAnswers = 0.1
/** One in so many writes that Momento applied kills a function before it hears of it. */
const writesPerKill = 7

let app: SynthesisedApp | undefined
let stack: LocalStack

beforeAll(async () => {
  app = await synthesise({ app: 'node --import tsx test/end-to-end/app.ts' })
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

test('every flight counts once though answers are lost and functions are killed; an increment counts too often', async () => {
  const flights = { output: 'FlightsFunctionName', method: 'SetIfHash', writes: 0, kills: 0 }
  const control = { output: 'ControlFunctionName', method: 'Increment', writes: 0, kills: 0 }
  stack.momento.setFaults({
    loseAnswerRate: lostAnswers,
    onApplied: ({ method }) => {
      const victim = [flights, control].find((one) => one.method === method)
      if (victim === undefined || ++victim.writes % writesPerKill !== 0) return
      const lambda = stack.functions.get(stack.outputs[victim.output] ?? '')
      if (lambda?.killBusyEnvironment() === true) victim.kills++
    },
  })

  const result = await proveFlights(stack, {
    departures,
    say: () => undefined,
    signal: new AbortController().signal,
    onDrained: () => stack.momento.setFaults({}),
  })

  expect(stack.momento.counters().answersLost).toBeGreaterThan(0)
  expect(flights.kills).toBeGreaterThan(0)
  expect(result).toMatchObject({ sent: departures, counted: departures, mismatches: 0, rejected: 10 })
  // The control met the same stream and the same faults. Without them it would count each repeat once more.
  expect(control.kills).toBeGreaterThan(0)
  expect(await blindCount()).toBeGreaterThan(departures + result.duplicatesSent)
}, 90_000)

async function blindCount(): Promise<number> {
  const client = new CacheClient({
    configuration: Configurations.Laptop.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: CredentialProvider.forMomentoLocal(stack.momento),
    defaultTtlSeconds: 60,
  })
  try {
    const answer = await client.get('streamtally', 'blind')
    return answer instanceof CacheGet.Hit ? Number(answer.valueString()) : 0
  } finally {
    client.close()
  }
}
