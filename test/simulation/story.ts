import { checkAtRest } from './at-rest.ts'
import { Instances } from './instances.ts'
import { Mapping } from './mapping.ts'
import type { Plan, PlannedRecord } from './plan.ts'
import { readAndCheck } from './reader.ts'
import type { Situations } from './situations.ts'
import { Stream } from './stream.ts'
import { replayDelayMs, type Violation, World } from './world.ts'

/** How a story went. */
export interface Outcome {
  readonly violation: Violation | undefined
  readonly situations: Situations
  /** Of everything that was decided and stored. */
  readonly trace: string
  readonly requests: number
  readonly steps: number
  /** The story itself, where it was asked for. */
  readonly lines: readonly string[]
}

/** Plays a plan to its end, or to the first thing that must not happen. The same plan always gives the same outcome. */
export function tellStory(plan: Plan, { tells = false } = {}): Promise<Outcome> {
  const world = new World(plan, tells)
  const stream = new Stream(world)
  return play(world, stream, {
    put: (record) => stream.put(record),
    read: () => readAndCheck(world),
    checkAtRest: () => checkAtRest(world, stream),
  })
}

/** What worlds do each in their own way. */
export interface Ways {
  put(record: PlannedRecord): void
  read(): Promise<void>
  checkAtRest(): Promise<void> | void
}

/** Plays the plan of a world in it. */
export async function play(world: World, stream: Stream, ways: Ways): Promise<Outcome> {
  const { scheduler, plan } = world
  const instances = new Instances(world)
  const mappings: Mapping[] = []
  const at = (atMs: number, run: () => void): void => scheduler.at(plan.world.startMs + atMs, run)
  const { maximumAttempts, maximumRecordAgeMs, mappingDelayMs } = plan.world
  const start = (name: string, limits = { maximumAttempts, maximumRecordAgeMs }): void => {
    world.tell(() => `${name} starts`)
    const mapping = new Mapping(world, stream, instances, { name, ...limits })
    mappings.push(mapping)
    void mapping.run()
  }
  const replay = (): void => start('a replay', { maximumAttempts: undefined, maximumRecordAgeMs: undefined })

  for (const record of plan.records) at(record.atMs, () => ways.put(record))
  // After the last record: what is due together comes in any order.
  at(1 + Math.max(0, ...plan.records.map(({ atMs }) => atMs)), () => stream.end())
  at(mappingDelayMs, () => start('the mapping'))
  for (const { kind, atMs } of plan.happenings) {
    at(atMs, () => {
      if (kind === 'split' && !stream.isEnded) stream.split()
      if (kind === 'merge' && !stream.isEnded) stream.merge()
      if (kind === 'factor') for (const each of mappings) each.changeFactor(world.random.between(1, 4))
      if (kind === 'read') void ways.read()
      if (kind === 'second-mapping') {
        world.saw('two mappings')
        start('a second mapping')
      }
      if (kind === 'replay') {
        world.saw('replay beside live traffic')
        replay()
      }
    })
  }
  // As soon as it may; later losses, of a late write's making, call for a later one.
  let replayedAtMs = 0
  const replayAfterLosses = (): void => {
    const lastMs = Math.max(0, ...world.lostAtMs.values())
    if (lastMs === 0 || lastMs + replayDelayMs <= replayedAtMs) return
    if (world.nowMs < lastMs + replayDelayMs) {
      scheduler.at(lastMs + replayDelayMs, replayAfterLosses)
      return
    }
    replayedAtMs = world.nowMs
    world.saw('replay after a loss')
    replay()
  }
  scheduler.at(world.lossesEndAtMs, replayAfterLosses)

  await scheduler.run(() => world.violation !== undefined)
  world.check(
    mappings.every(({ isDone }) => isDone),
    'every mapping comes to the end of the stream',
    () => `${mappings.filter(({ isDone }) => !isDone).length} have not`,
  )
  if (world.violation === undefined) await ways.checkAtRest()
  return {
    violation: world.violation,
    situations: world.situations,
    trace: world.trace.digest(),
    requests: world.requests,
    steps: scheduler.steps,
    lines: world.lines ?? [],
  }
}
