import { randomInt } from 'node:crypto'
import type { LocalStack } from '../local/main.ts'

/** Shares of Momento's data calls. */
const shareOfCalls = { loseAnswerRate: 0.1, limitRate: 0.1, holdRate: 0.05 }
/** Share of the writes that Momento applied after which a busy environment of some function is killed. */
const killsPerWrite = 0.05
/** Shares of the answers of handlers. */
const shareOfAnswers = { lost: 0.1, killed: 0.1 }
/** So many draws in a row meet every share of a twentieth: a short run gets its portion too. */
const drawsPerRound = 20
/** The outage begins after one of the first so many applied writes. */
const latestOutageWrites = 12
const outageMs = 2_000
const seeds = 2 ** 32

/** What was done to the stack. */
export interface ChaosSummary {
  readonly seed: number
  /** Momento calls applied whose answer was an error. */
  readonly answersLost: number
  /** Momento calls applied that were never answered. */
  readonly answersHeld: number
  /** Momento calls refused for their rate. */
  readonly callsLimited: number
  /** Times that Momento was gone for two seconds. */
  readonly outages: number
  /** Environments killed at work, or just when they had answered. */
  readonly environmentsKilled: number
  /** Answers of handlers that the mapping never got. */
  readonly invocationsLost: number
}

/** Faults under way. */
export interface Chaos {
  /** Ends all faults, an outage too, and says what was done. Calls that are held end at their callers' deadline. */
  stop(): ChaosSummary
}

/**
 * Lets go wrong, at random, what the product has to bear: answers of Momento are lost or held, calls refused for their
 * rate, busy environments killed after a write, answers to Lambda lost, and Momento is gone once for two seconds. The
 * seed decides all draws; which call meets which is up to the machine.
 */
export function startChaos(
  stack: Pick<LocalStack, 'momento' | 'functions'>,
  say: (text: string) => void,
  seed: number = randomInt(seeds),
): Chaos {
  const { momento } = stack
  const random = seededRandom(seed)
  const before = momento.counters()
  const outageAfterWrites = 1 + Math.floor(random() * latestOutageWrites)
  const drawWrite = evenDraws(random)
  const drawAnswer = evenDraws(random)
  let [writes, outages, environmentsKilled, invocationsLost] = [0, 0, 0, 0]
  let endOutage: (() => void) | undefined

  const startOutage = (): void => {
    outages++
    say(`chaos: Momento is gone for ${outageMs / 1_000} s`)
    const timer = setTimeout(() => endOutage?.(), outageMs)
    endOutage = () => {
      clearTimeout(timer)
      endOutage = undefined
      momento.goOnline().catch((error: unknown) => say(`chaos: Momento stays away: ${String(error)}`))
    }
    momento.goOffline().catch((error: unknown) => say(`chaos: Momento stays: ${String(error)}`))
  }
  const functions = [...stack.functions.values()]
  const killBusy = (): void => {
    const first = Math.floor(random() * functions.length)
    const inTurn = [...functions.slice(first), ...functions.slice(0, first)]
    const isKilled = inTurn.some((lambda) =>
      lambda.killBusyEnvironment((count) => Math.floor(random() * count)),
    )
    if (isKilled) environmentsKilled++
  }

  say(`chaos: seed ${seed}`)
  momento.setFaults({
    ...shareOfCalls,
    random: evenDraws(random),
    onApplied: ({ method }) => {
      if (!method.startsWith('SetIf')) return
      writes++
      if (writes === outageAfterWrites) startOutage()
      if (drawWrite() < killsPerWrite) killBusy()
    },
  })
  for (const lambda of functions) {
    lambda.setFaults({
      fateOfAnswer: () => {
        const drawn = drawAnswer()
        if (drawn >= shareOfAnswers.lost + shareOfAnswers.killed) return 'delivered'
        invocationsLost++
        if (drawn < shareOfAnswers.lost) return 'lost'
        environmentsKilled++
        return 'killed'
      },
    })
  }

  return {
    stop() {
      momento.setFaults({})
      for (const lambda of functions) lambda.setFaults({})
      endOutage?.()
      const after = momento.counters()
      return {
        seed,
        answersLost: after.answersLost - before.answersLost,
        answersHeld: after.held - before.held,
        callsLimited: after.limited - before.limited,
        outages,
        environmentsKilled,
        invocationsLost,
      }
    },
  }
}

/** Numbers in [0, 1) of which each round has one in every twentieth, in an order of its own. */
function evenDraws(random: () => number): () => number {
  let round: number[] = []
  return () => {
    if (round.length === 0) round = Array.from({ length: drawsPerRound }, (_, index) => index)
    const [twentieth = 0] = round.splice(Math.floor(random() * round.length), 1)
    return (twentieth + random()) / drawsPerRound
  }
}

/** Numbers in [0, 1) that follow from the seed: a Weyl sequence, each number of it well mixed. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / seeds
  }
}
