import type { State } from '../../consumers/engine/measures/measure.ts'
import { read } from '../../consumers/engine/read.ts'
import { expiryMs, gateMs, type ModelEvent, modelGroups } from './model.ts'
import { lifetimesMs } from './pipeline.ts'
import { type Requester, simulatedStore } from './store.ts'
import { stateOf } from './stored-invariants.ts'
import { placeOf } from './stored-state.ts'
import type { World } from './world.ts'

/** Reads at this moment, and holds the result against what the store has answered, and against what was sent. */
export async function readAndCheck(world: World): Promise<void> {
  const { random, plan, pipeline } = world
  const nowMs = world.nowMs
  const consistency = random.pick(['balanced', 'consistent'] as const)
  const grouping = random.pick(['origin', 'route'] as const)
  const from = plan.world.startMs - random.below(2 * lifetimesMs.pane)
  const to = from + random.between(1, 3 * lifetimesMs.pane)
  const served = new Map<string, 'unreadable' | ReadonlySet<string>>()
  const requester: Requester = {
    name: 'the reader',
    hear: (run) => run(),
    sentRead: () => undefined,
    heardRead: (address, answer) => {
      if (answer === undefined) served.set(address, new Set())
      else {
        const state = answer === 'failed' ? 'damaged' : stateOf(world, address, answer.bytes)
        served.set(address, typeof state === 'string' ? 'unreadable' : state.ids)
      }
    },
    sentWrite: () => undefined,
    applied: () => undefined,
    heardWrite: () => undefined,
  }
  const store = simulatedStore(world, requester)
  const result = await read(pipeline, store, { nowMs: () => nowMs }, { grouping, from, to, consistency })

  world.tell(() => `a read: ${result.rows.length} rows, ${result.incompleteWindows} windows not complete`)
  let incomplete = 0
  const first = from - (from % lifetimesMs.pane)
  for (let pane = first; pane < to; pane += lifetimesMs.pane) {
    const isLive = nowMs <= expiryMs(plan.world, pane)
    const cells = [...served]
      .filter(([address]) => placeOf(address).paneStartMs === pane)
      .map(([, cell]) => cell)
    world.check(
      cells.length === (isLive ? plan.world.buckets : 0),
      'a read asks for every cell',
      () => `${cells.length}`,
    )
    const isComplete = nowMs <= gateMs(plan.world, pane) && !cells.includes('unreadable')
    if (!isComplete) incomplete++
    const rows = result.rows.filter(({ windowStart }) => windowStart === pane)
    checkRows(world, grouping, cells, rows)
    for (const row of rows) {
      world.check(row.complete === isComplete, 'no row is complete with a part missing', () =>
        JSON.stringify(row.key),
      )
    }
  }
  world.check(
    result.incompleteWindows === incomplete,
    'no window is complete with a part missing',
    () => `${result.incompleteWindows} are said to be incomplete, and ${incomplete} are`,
  )
  if (incomplete > 0) world.saw('read that is not complete')
  else if (consistency === 'consistent') world.saw('consistent read that is complete')
}

/** The rows are the fold of exactly what was served; which the head invariant keeps below what was sent. */
function checkRows(
  world: World,
  grouping: 'origin' | 'route',
  cells: readonly ('unreadable' | ReadonlySet<string>)[],
  rows: readonly { readonly key: string | readonly string[]; readonly values: unknown }[],
): void {
  const events = cells.flatMap((cell): ModelEvent[] =>
    cell === 'unreadable' ? [] : [...cell].flatMap((id) => world.events.get(id) ?? []),
  )
  const groups = modelGroups(events)[grouping === 'origin' ? 0 : 1] ?? new Map<string, State[]>()
  const expected = [...groups].map(([key, states]) => `${key} ${departuresAndMiles(states)}`).sort()
  const shown = rows.map(({ key, values }) => {
    const { departures, miles } = values as { departures: number; miles: number | bigint }
    return `${typeof key === 'string' ? key : key.join('|')} ${departures} ${miles}`
  })
  world.check(
    expected.join() === shown.sort().join(),
    'a read shows exactly what it was served',
    () => `${shown.join()} for ${expected.join()}`,
  )
}

/** Departures are the first measure, miles the fourth. */
function departuresAndMiles([departures, , , miles]: readonly State[]): string {
  return `${String(departures)} ${String(miles)}`
}
