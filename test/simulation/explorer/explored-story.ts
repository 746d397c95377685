import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore, StoredBytes } from '../../../consumers/engine/ports.ts'
import { processBatch } from '../../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { checkAtRest, headsAtRest } from '../at-rest.ts'
import { cellOf, shortName } from '../decay.ts'
import type { Instance, Invocation } from '../instances.ts'
import { Ledger } from '../ledger.ts'
import { requestTimeoutMs, type Write } from '../store.ts'
import { placeOf } from '../stored-state.ts'
import { Stream, type StreamRecord } from '../stream.ts'
import { replayDelayMs, type Violation, World } from '../world.ts'
import type { Choices } from './choices.ts'
import { faultsOf, through, type Way, writtenByNewerRelease } from './explored-faults.ts'
import { exploredPlan, type Scenario } from './scenarios.ts'

/** One way of a request, and the pause before what it takes. */
const stepMs = 5
const functionTimeoutMs = 1_000_000
/** Of one batch: one fault costs one more, and another one where it was undone late. */
const maximumDeliveries = 4

/** How a story went. */
export interface ExploredOutcome {
  readonly violation: Violation | undefined
  readonly requests: number
  /** What was said of each batch, and stored in the end. */
  readonly result: string
  readonly lines: readonly string[]
}

/** A request, or a part of one, that may be next. */
interface Step {
  readonly invocation: Invocation | undefined
  /** It meets what others see, so that its place among their steps matters. */
  readonly isShared: boolean
  readonly run: () => void
}

type Answer = { readonly firstUnfinished: number | undefined } | { readonly goesOnIn: Instance }

/** Tells one story of a scenario: the choices say whose request is applied next, and which one goes wrong, and how. */
export async function tellExplored(
  scenario: Scenario,
  choices: Choices,
  { tells = false } = {},
): Promise<ExploredOutcome> {
  const story = new ExploredStory(scenario, choices, tells)
  await story.tell()
  const { world } = story
  return {
    violation: world.violation,
    requests: world.requests,
    result: story.result(),
    lines: world.lines ?? [],
  }
}

class ExploredStory {
  readonly world: World
  readonly #scenario: Scenario
  readonly #choices: Choices
  readonly #stream: Stream
  readonly #records: readonly StreamRecord[]
  readonly #steps: Step[] = []
  /** What each invocation said, and what was at rest. */
  readonly #said: string[] = []
  #invocations = 0
  #instances = 0
  #faultsLeft: number
  /** Takes back what a newer release has written. */
  #takeBack: (() => void) | undefined

  constructor(scenario: Scenario, choices: Choices, tells: boolean) {
    const plan = exploredPlan()
    this.world = new World(plan, tells)
    this.#scenario = scenario
    this.#choices = choices
    this.#faultsLeft = scenario.faults === 'none' ? 0 : 1
    this.#stream = new Stream(this.world)
    for (const record of plan.records) this.#stream.put(record)
    this.#stream.end()
    this.#records = this.#stream.shards.flatMap(({ records }) => records)
  }

  async tell(): Promise<void> {
    const { world } = this
    const writers = this.#scenario.writers.map((batches) => this.#write(this.#newInstance(), batches))
    await this.#runSteps()
    // Whatever was lost: a replay that begins a minute later finds nobody who still believes in it.
    checkAtRest(world, this.#stream)
    const instances = await Promise.race([Promise.all(writers), settled()])
    world.check(instances !== undefined, 'with faults off every lane drains', () => 'a writer has not ended')
    if (instances === undefined || world.violation !== undefined) return
    this.#faultsLeft = 0
    world.scheduler.nowMs = Math.max(world.nowMs, ...world.lostAtMs.values()) + replayDelayMs
    const replayed = instances[this.#choices.pick(instances.length)]
    if (replayed === undefined) return
    void this.#write(replayed, [[...this.#records.keys()]])
    await this.#runSteps()
    checkAtRest(world, this.#stream)
  }

  result(): string {
    const states = headsAtRest(this.world).map(
      ({ lossy, ids, segments }) =>
        `${lossy} ${[...ids].sort().join(' ')} ${segments.map(({ count }) => count).join(' ')}`,
    )
    return [...this.#said.sort(), ...states].join('; ')
  }

  /** Delivers batches one after the other. Resolves with the instance that the last one ended in. */
  async #write(first: Instance, batches: readonly (readonly number[])[]): Promise<Instance> {
    let instance = first
    for (const batch of batches) {
      let rest = batch.flatMap((index) => this.#records[index] ?? [])
      for (let deliveries = 1; rest.length > 0; deliveries++) {
        this.world.check(
          deliveries <= maximumDeliveries,
          'with faults off every lane drains',
          () => `${deliveries} deliveries`,
        )
        if (this.world.violation !== undefined) return instance
        const answer = await this.#invoke(rest, instance)
        if ('goesOnIn' in answer) instance = answer.goesOnIn
        else if (answer.firstUnfinished !== undefined) {
          rest = rest.slice(answer.firstUnfinished)
          this.#takeBack?.()
        } else if (this.#scenario.faults !== 'zombies' && this.#strikes(2) === 1) {
          this.world.tell(() => 'lost acknowledgement')
        } else rest = []
      }
    }
    return instance
  }

  #invoke(records: readonly StreamRecord[], instance: Instance): Promise<Answer> {
    const { world } = this
    const name = `${instance.name} invocation ${++this.#invocations}`
    world.tell(() => `${name} gets ${records.map(({ planned }) => planned.key).join(' ')}`)
    return new Promise((resolve) => {
      const invocation: Invocation = {
        name,
        instance,
        deadlineMs: world.nowMs + functionTimeoutMs,
        held: undefined,
        wasStalled: false,
        isOver: false,
      }
      const ledger = new Ledger(world, invocation, records, () => world.nowMs, atOnce)
      const ports = {
        store: this.#store(invocation, ledger, resolve),
        failedRecords: {
          writeTimeoutMs: requestTimeoutMs,
          write: async () => world.check(false, 'nothing is rejected', () => name),
        },
        clock: {
          nowMs: () => world.nowMs,
          // Whoever pauses goes on some time after: when its next request comes is left open in any case.
          sleep: async (durationMs: number) => {
            world.scheduler.nowMs += Math.floor(durationMs)
          },
        },
        random: world.random,
        deadline: { remainingMs: () => invocation.deadlineMs - world.nowMs },
      }
      const sources = records.map(({ source }) => source)
      void processBatch(world.pipeline, sources, ports, instance.warm, world.limits).then(
        (report) => {
          ledger.checkReport(report)
          const { counted, duplicates, unfinished } = report
          this.#said.push(`${name}: ${counted} ${duplicates} ${unfinished}`)
          world.tell(() => `${name} ends`)
          return resolve(report)
        },
        (error: unknown) =>
          world.check(false, 'the engine throws nothing', () => `${name}: ${String(error)}`),
      )
    })
  }

  #store(invocation: Invocation, ledger: Ledger, resolve: (answer: Answer) => void): CellStore {
    const { world } = this
    const { cache } = world

    const request = <T>(
      address: string,
      kind: 'consistent' | 'balanced' | 'write',
      apply: (way: Way, isLate: boolean) => T,
      heard: (answer: T | 'failed') => void,
    ): Promise<T> =>
      new Promise((answer, fail) => {
        world.requests++
        const perform = (): void => {
          const way = this.#wayOf({ address, kind })
          if (way !== through) world.tell(() => `${invocation.name}, ${shortName(address)}: ${way.name}`)
          this.#befall(invocation, way, resolve)
          way.strike?.()
          const isLost = way.isLost === true
          const applied = isLost ? undefined : { value: apply(way, false) }
          if (way.isLate === true) this.#add(undefined, address, () => void apply(way, true))
          const hear = (): void => {
            if (way.isUnheard !== true && applied !== undefined) {
              heard(applied.value)
              answer(applied.value)
            } else {
              world.scheduler.nowMs += requestTimeoutMs
              heard('failed')
              fail(new StoreError('timeout', { code: 'timeout' }))
            }
          }
          if (way.invocation === 'dead') return
          if (this.#scenario.splitsAnswers === true) this.#add(invocation, undefined, hear, true)
          else hear()
        }
        this.#add(invocation, address, perform)
      })

    const write = (
      kind: Write['kind'],
      address: string,
      bytes: Uint8Array,
      ttl: number,
      oldHash?: Uint8Array,
    ): Promise<Uint8Array | undefined> => {
      const sent: Write = { kind, address, bytes, ttlMs: ttl * 1_000, sentAtMs: world.nowMs }
      ledger.sentWrite(sent)
      const apply = (_: Way, isLate: boolean): Uint8Array | undefined => {
        const before = cache.item(address)
        const item =
          oldHash === undefined
            ? cache.createIfAbsent(address, bytes, sent.ttlMs)
            : cache.replaceIfEqual(address, bytes, oldHash, sent.ttlMs)
        world.tell(() => `${ledger.name}’s ${kind} of ${shortName(address)}: ${item ? 'stored' : 'refused'}`)
        ledger.applied(sent, item, before, isLate)
        return item?.hash
      }
      return request(address, 'write', apply, (answer) => {
        if (answer !== 'failed') ledger.heardWrite(sent, answer !== undefined)
      })
    }

    return {
      requestTimeoutMs,
      read: (address, consistency) => {
        ledger.sentRead(address)
        const apply = ({ served }: Way): StoredBytes | undefined => {
          if (served?.bytes !== undefined) world.mayHaveLost.add(cellOf(address))
          return served === undefined ? cache.item(address) : served.bytes
        }
        return request(address, consistency, apply, (answer) => ledger.heardRead(address, answer))
      },
      createIfAbsent: (address, bytes, ttl) => write('create', address, bytes, ttl),
      replaceIfEqual: (address, bytes, hash, ttl) => write('replace', address, bytes, ttl, hash),
    }
  }

  /** One of the ways of a request; the faults among them are used up. */
  #wayOf(request: Parameters<typeof faultsOf>[1]): Way {
    if (this.#faultsLeft === 0) return through
    const { isHead } = placeOf(request.address)
    const newer: Way = {
      name: 'newer codec',
      strike: () => {
        const takeBack = writtenByNewerRelease(this.world, request.address)
        if (takeBack === undefined) return
        this.#takeBack = takeBack
        this.#add(undefined, request.address, takeBack)
      },
    }
    const { faults: kind } = this.#scenario
    const isMet = isHead && this.world.cache.item(request.address) !== undefined
    const faults = [...faultsOf(this.world, request), ...(isMet ? [newer] : [])].filter(
      ({ invocation }) =>
        kind === 'all' || (kind === 'zombies') === (invocation?.startsWith('zombie') ?? false),
    )
    const picked = this.#strikes(1 + faults.length)
    return picked === 0 ? through : (faults[picked - 1] ?? through)
  }

  #strikes(of: number): number {
    if (this.#faultsLeft === 0) return 0
    const picked = this.#choices.pick(of)
    if (picked > 0) this.#faultsLeft--
    return picked
  }

  #befall(invocation: Invocation, way: Way, resolve: (answer: Answer) => void): void {
    if (way.invocation === undefined) return
    const { instance } = invocation
    invocation.isOver = true
    if (way.invocation === 'dead') {
      instance.isAlive = false
      for (const [at, step] of [...this.#steps.entries()].toReversed()) {
        if (step.invocation === invocation) this.#steps.splice(at, 1)
      }
    }
    resolve({ goesOnIn: way.invocation === 'zombie' ? instance : this.#newInstance() })
  }

  #newInstance(): Instance {
    return {
      name: `instance ${++this.#instances}`,
      skewMs: 0,
      warm: new WarmCells(),
      memories: new Map(),
      frozen: new Set(),
      isBusy: false,
      isAlive: true,
    }
  }

  #add(
    invocation: Invocation | undefined,
    address: string | undefined,
    run: () => void,
    isShared = false,
  ): void {
    const isHead = address !== undefined && placeOf(address).isHead
    const step = { invocation, isShared: isShared || isHead || this.#scenario.splitsSegments === true, run }
    this.#steps.push(step)
  }

  /**
   * Takes steps until none is left. A segment is read and written by names that nobody else can know yet or change any
   * more, so such a step is taken at once; and of one invocation’s steps the first.
   */
  async #runSteps(): Promise<void> {
    for (;;) {
      await settled()
      if (this.world.violation !== undefined || this.#steps.length === 0) return
      const own = this.#steps.find(({ isShared, invocation }) => !isShared && invocation !== undefined)
      const firsts = this.#steps.filter(
        ({ invocation }, at) =>
          invocation === undefined || this.#steps.findIndex((step) => step.invocation === invocation) === at,
      )
      const step = own ?? firsts[this.#choices.pick(firsts.length)]
      if (step === undefined) return
      this.#steps.splice(this.#steps.indexOf(step), 1)
      this.world.scheduler.nowMs += stepMs
      step.run()
    }
  }
}

function atOnce(run: () => void): void {
  run()
}

function settled(): Promise<undefined> {
  return new Promise((resolve) => {
    process.nextTick(() => resolve(undefined))
  })
}
