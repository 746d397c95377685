import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { LambdaFunction } from '../../local/lambda/lambda-function.ts'
import { type LocalStack, startLocalStack, synthesise } from '../../local/main.ts'
import type { SynthesisedApp } from '../../local/synthesise.ts'
import { newGate } from '../local/momento/gate.ts'
import { SeededRandom } from '../consumers/engine/seeded-random.ts'
import { type Ledger, openLedger } from './ledger.ts'

const departures = 1_500
const testTimeoutMs = 60_000

let app: SynthesisedApp | undefined
let stack: LocalStack
let ledger: Ledger
let blindBefore = 0
let onLog: (functionName: string) => void = () => undefined

beforeAll(async () => {
  app = await synthesise({ app: 'node --import tsx test/end-to-end/app.ts' })
  stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: ({ functionName }) => onLog(functionName),
    onNotice: () => undefined,
  })
  ledger = await openLedger(stack)
})

afterEach(async () => {
  endFaults()
  await stack.momento.goOnline()
  await stack.drained()
  onLog = () => undefined
  blindBefore = await ledger.blindCount()
})

afterAll(async () => {
  await ledger.close()
  await stack.close()
  await app?.remove()
})

/** Waits until all is counted under the faults, and ends them: reading back is not to meet them. */
async function drain(): Promise<void> {
  await stack.drained()
  endFaults()
}

function endFaults(): void {
  stack.momento.setFaults({})
  for (const lambda of stack.functions.values()) lambda.setFaults({})
}

function functionOf(output: string): LambdaFunction {
  const lambda = stack.functions.get(stack.outputs[output] ?? '')
  if (lambda === undefined) throw new Error(`no function in ${output}`)
  return lambda
}

/** The engine's swap, and the control's write: both meet the same faults. */
const writers = [
  { method: 'SetIfHash', output: 'FlightsFunctionName' },
  { method: 'Increment', output: 'ControlFunctionName' },
] as const

/** What the control counted of this test's records. Without faults it is what was sent, repeats included. */
async function blindlyCounted(): Promise<number> {
  return (await ledger.blindCount()) - blindBefore
}

test(
  'every flight counts once though answers are lost and functions are killed; an increment counts too often',
  async () => {
    const writesPerKill = 7
    const writesPerFailure = 5
    let calls = 0
    const counts = writers.map((writer) => ({ ...writer, writes: 0, kills: 0 }))
    stack.momento.setFaults({
      loseAnswerRate: 0.1,
      random: () => (calls++ % 10) / 10,
      onApplied: ({ method }) => {
        const victim = counts.find((one) => one.method === method)
        if (victim === undefined) return
        victim.writes++
        if (victim.writes % writesPerFailure === 0) throw new Error('failed after it was applied')
        if (victim.writes % writesPerKill !== 0) return
        if (functionOf(victim.output).killBusyEnvironment()) victim.kills++
      },
    })
    const sent = await ledger.send(2 * departures)
    await drain()

    expect(await ledger.differences()).toEqual([])
    expect(stack.momento.counters().answersLost).toBeGreaterThan(0)
    for (const { kills } of counts) expect(kills).toBeGreaterThan(0)
    expect(await blindlyCounted()).toBeGreaterThan(sent)
  },
  testTimeoutMs,
)

test(
  'every flight counts once though swaps that were applied time out; an increment counts too often',
  async () => {
    const heldBefore = stack.momento.counters().held
    const left = new Map<string, number>(writers.map(({ method }) => [method, 3]))
    const holdTheRest = (): void => {
      const methods = [...left].filter(([, count]) => count > 0).map(([method]) => method)
      stack.momento.setFaults({
        holdRate: 1,
        methods,
        onApplied: ({ method }) => {
          left.set(method, (left.get(method) ?? 0) - 1)
          holdTheRest()
        },
      })
    }
    holdTheRest()
    const sent = await ledger.send(departures)
    await drain()

    expect(await ledger.differences()).toEqual([])
    expect(stack.momento.counters().held - heldBefore).toBeGreaterThanOrEqual(6)
    expect(await blindlyCounted()).toBeGreaterThan(sent)
  },
  testTimeoutMs,
)

test(
  'every flight counts once though a third of all calls is over the rate; so does an increment, for none was applied',
  async () => {
    // Not every third: a pattern that repeats can meet the same request of every attempt.
    const random = new SeededRandom(1)
    stack.momento.setFaults({ limitRate: 0.3, random: () => random.fraction() })
    const sent = await ledger.send(departures)
    await drain()

    expect(await ledger.differences()).toEqual([])
    expect(stack.momento.counters().limited).toBeGreaterThan(0)
    expect(await blindlyCounted()).toBe(sent)
  },
  testTimeoutMs,
)

test(
  'every flight counts once though Momento goes away with writes under way; an increment counts too often',
  async () => {
    const failuresUntilItIsBack = 12
    const isGone = newGate()
    const isBack = newGate()
    const underWay = new Set<string>()
    let failures = 0
    onLog = (functionName) => {
      if (functionName !== stack.outputs['ControlFunctionName']) return
      if (++failures === failuresUntilItIsBack) void stack.momento.goOnline().then(isBack.open)
    }
    stack.momento.setFaults({
      onApplied: ({ method }) => {
        if (!writers.some((writer) => writer.method === method)) return undefined
        underWay.add(method)
        if (!writers.every((writer) => underWay.has(writer.method))) return isGone.opened
        stack.momento.setFaults({})
        return stack.momento.goOffline().then(isGone.open)
      },
    })
    const sent = await ledger.send(departures)
    await isBack.opened
    await drain()

    expect(await ledger.differences()).toEqual([])
    expect(failures).toBeGreaterThanOrEqual(failuresUntilItIsBack)
    expect(await blindlyCounted()).toBeGreaterThan(sent)
  },
  testTimeoutMs,
)

test(
  'every flight counts once though Lambda loses answers and environments die with theirs; a lost one’s batch comes again under its request id',
  async () => {
    const answers = writers.map(({ output }) => {
      const given: string[] = []
      const fates = { lost: new Set<string>(), killed: new Set<string>() }
      functionOf(output).setFaults({
        fateOfAnswer: (requestId) => {
          given.push(requestId)
          const { lost, killed } = fates
          if (killed.size === 2 && lost.size === 2) return 'delivered'
          if (lost.has(requestId) || killed.has(requestId)) return 'delivered'
          const fate = killed.size > lost.size ? 'lost' : 'killed'
          fates[fate].add(requestId)
          return fate
        },
      })
      return { given, ...fates }
    })
    const sent = await ledger.send(departures)
    await drain()

    expect(await ledger.differences()).toEqual([])
    for (const { given, lost, killed } of answers) {
      expect([lost.size, killed.size]).toEqual([2, 2])
      for (const requestId of lost) expect(given.filter((one) => one === requestId)).toHaveLength(2)
    }
    expect(await blindlyCounted()).toBeGreaterThan(sent)
  },
  testTimeoutMs,
)

test(
  'every flight counts once though mappings are stopped midway, and all of the stream comes again; increments double',
  async () => {
    const isAtWork = newGate()
    const isStopping = newGate()
    stack.momento.setFaults({
      onApplied: () => {
        isAtWork.open()
        return isStopping.opened
      },
    })
    const sending = ledger.send(departures)
    await isAtWork.opened
    const stopped = Promise.all(stack.mappings.map((mapping) => mapping.stop()))
    isStopping.open()
    await stopped
    const sent = await sending
    expect(stack.mappings.some((mapping) => !mapping.isIdle())).toBe(true)
    for (const mapping of stack.mappings) mapping.start()
    await drain()
    expect(await ledger.differences()).toEqual([])
    expect(await blindlyCounted()).toBe(sent)

    const countedBefore = await ledger.blindCount()
    await Promise.all(stack.mappings.map((mapping) => mapping.startOver()))
    await drain()
    expect(await ledger.differences()).toEqual([])
    expect(await ledger.blindCount()).toBeGreaterThanOrEqual(countedBefore + sent)
  },
  testTimeoutMs,
)
