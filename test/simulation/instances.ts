import { processBatch } from '../../consumers/engine/process-batch.ts'
import { WarmCells } from '../../consumers/engine/warm-cells.ts'
import { simulatedFailedRecords } from './failed-records.ts'
import { gateMs } from './model.ts'
import { lifetimesMs } from './pipeline.ts'
import { Ledger } from './ledger.ts'
import { simulatedStore } from './store.ts'
import type { StreamRecord } from './stream.ts'
import type { CellMemories } from './warm-memory.ts'
import { mostClockSkewMs, type World } from './world.ts'

const functionTimeoutMs = 15_000
/** A stall may last longer than a function may run. */
const longestStallMs = 30_000
/** Starting a function, and telling the mapping what it said. */
const overheadMs = 30

/** What the mapping hears of an invocation: the index of the first unfinished record, or that it failed. */
export type Answer =
  { readonly kind: 'answered'; readonly firstUnfinished: number | undefined } | { readonly kind: 'failed' }

/** A function instance: what it keeps between invocations, and whether it still lives. */
export interface Instance {
  readonly name: string
  readonly skewMs: number
  readonly warm: WarmCells
  /** What it has seen of each cell, as the model remembers it. */
  readonly memories: CellMemories
  /** Invocations that timed out and were frozen with it. */
  readonly frozen: Set<Invocation>
  isBusy: boolean
  isAlive: boolean
}

/** One invocation, as far as the world can hold it up. */
export interface Invocation {
  readonly name: string
  readonly instance: Instance
  readonly deadlineMs: number
  /** What it will hear when it goes on; `undefined` while it runs. */
  held: (() => void)[] | undefined
  /** Something held it up, so that it could not watch its deadline. */
  wasStalled: boolean
  /** The mapping has had its answer, or has given up waiting for it. */
  isOver: boolean
}

/** The function: instances that are reused, and every way in which they stop. */
export class Instances {
  readonly #world: World
  readonly #all: Instance[] = []
  #invocations = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Runs the engine on a batch. Resolves with what the mapping hears of it. */
  invoke(records: readonly StreamRecord[]): Promise<Answer> {
    const world = this.#world
    const instance = this.#pick()
    instance.isBusy = true
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
      const end = (answer: Answer): void => {
        if (invocation.isOver) return
        invocation.isOver = true
        instance.isBusy = false
        world.scheduler.after(world.random.below(overheadMs), () => resolve(answer))
      }
      for (const sleeper of instance.frozen) {
        world.saw('thawed')
        thaw(world, sleeper)
      }
      instance.frozen.clear()
      world.scheduler.at(invocation.deadlineMs, () => {
        if (invocation.isOver) return
        if (instance.isAlive) this.#timeOut(invocation)
        end({ kind: 'failed' })
      })
      const kill = (): void => {
        world.saw('killed')
        this.#kill(instance)
        end({ kind: 'failed' })
      }
      void this.#run(invocation, records, kill).then(end, (error: unknown) => {
        world.check(false, 'the engine throws nothing', () => `${name}: ${String(error)}`)
      })
    })
  }

  async #run(invocation: Invocation, records: readonly StreamRecord[], kill: () => void): Promise<Answer> {
    const world = this.#world
    const { instance, name } = invocation
    const clock = { nowMs: () => world.nowMs + instance.skewMs }
    const hear = (run: () => void): void => this.#hear(invocation, kill, run)
    const ledger = new Ledger(world, invocation, records, clock.nowMs, hear)
    const report = await processBatch(
      world.pipeline,
      records.map(({ source }) => source),
      {
        store: simulatedStore(world, ledger),
        failedRecords: simulatedFailedRecords(world, ledger),
        clock: {
          nowMs: clock.nowMs,
          sleep: (durationMs) =>
            new Promise((resolve) => {
              world.scheduler.after(durationMs, () => hear(resolve))
            }),
        },
        random: world.random,
        deadline: { remainingMs: () => invocation.deadlineMs - world.nowMs },
      },
      instance.warm,
      world.limits,
    )
    ledger.checkReport(report)
    const { firstUnfinished } = report
    world.tell(
      () =>
        `${name} answers ${firstUnfinished === undefined ? 'all done' : `done before ${firstUnfinished}`}`,
    )
    world.trace.note(report.counted)
    if (firstUnfinished !== undefined) world.saw('partial response')
    return { kind: 'answered', firstUnfinished }
  }

  /** Every await of the engine ends here: or it never ends, because the instance is dead, or later. */
  #hear(invocation: Invocation, kill: () => void, run: () => void): void {
    const world = this.#world
    if (!invocation.instance.isAlive) return
    if (invocation.held !== undefined) invocation.held.push(run)
    else if (world.happens('kill')) kill()
    else if (world.happens('stall')) {
      world.saw('stalled')
      invocation.wasStalled = true
      invocation.held = [run]
      world.scheduler.after(drawStallMs(world), () => {
        if (!invocation.instance.frozen.has(invocation)) thaw(world, invocation)
      })
    } else {
      if (invocation.isOver) world.saw('zombie went on')
      run()
    }
  }

  #timeOut(invocation: Invocation): void {
    const world = this.#world
    world.saw('function timed out')
    world.tell(() => `${invocation.name} times out`)
    if (!world.happens('zombie')) this.#kill(invocation.instance)
    else if (world.random.chance(0.5)) {
      invocation.held ??= []
      invocation.instance.frozen.add(invocation)
    }
    // Else it runs on beside whatever the instance is given next.
  }

  #kill(instance: Instance): void {
    instance.isAlive = false
    this.#world.tell(() => `${instance.name} is dead`)
  }

  #pick(): Instance {
    const { random, plan } = this.#world
    const idle = this.#all.filter(({ isBusy, isAlive }) => isAlive && !isBusy)
    const living = this.#all.filter(({ isAlive }) => isAlive).length
    const isReused = living >= plan.world.instances || random.chance(0.7)
    const reused = isReused ? random.pickAny(idle) : undefined
    if (reused !== undefined) return reused
    const skewMs = this.#world.happens('clockSkew') ? random.between(-mostClockSkewMs, mostClockSkewMs) : 0
    const instance: Instance = {
      name: `instance ${this.#all.length + 1}`,
      skewMs,
      warm: new WarmCells(plan.world.warmBytes),
      memories: new Map(),
      frozen: new Set(),
      isBusy: false,
      isAlive: true,
    }
    this.#all.push(instance)
    this.#world.tell(() => `${instance.name} starts, its clock ${skewMs} ms off`)
    return instance
  }
}

/** Any time; or, where a story is about that, until a pane has just closed: what was begun before has to notice. */
function drawStallMs({ random, nowMs, plan }: World): number {
  const stallMs = random.below(longestStallMs)
  const untilGateMs = (gateMs(plan.world, nowMs - (nowMs % lifetimesMs.pane)) - nowMs) % lifetimesMs.pane
  const isNear = plan.world.mappingDelayMs > 0 && untilGateMs < longestStallMs
  return isNear && random.chance(0.5) ? untilGateMs + 1 + random.below(overheadMs) : stallMs
}

/** Lets an invocation hear what it has missed, each at a time of its own. */
function thaw(world: World, invocation: Invocation): void {
  const missed = invocation.held ?? []
  invocation.held = undefined
  for (const run of missed) {
    world.scheduler.after(world.random.below(overheadMs), () => {
      if (!invocation.instance.isAlive) return
      if (invocation.held === undefined) run()
      else invocation.held.push(run)
    })
  }
}
