import { encodeKey } from '../../../consumers/engine/keys.ts'
import type { CellStore } from '../../../consumers/engine/ports.ts'
import { read } from '../../../consumers/engine/read.ts'
import { gateMs } from '../model.ts'
import { lifetimesMs } from '../pipeline.ts'
import { type Requester, simulatedStore } from '../store.ts'
import { stateOf } from '../stored-invariants.ts'
import { placeOf } from '../stored-state.ts'
import { signedRows } from './model.ts'
import { windowMs } from './pipeline.ts'
import { differences, resultsOf } from './results.ts'
import type { ChangesWorld } from './world.ts'

/** What a read of one grouping shows of each window: by its start, key -> values. */
type Shown = Map<number, { readonly complete: boolean; readonly values: Map<string, object> }>

/** Reads through a store, `to` exclusive. */
export async function shownBy(
  world: ChangesWorld,
  store: CellStore,
  request: {
    readonly grouping: 'place' | 'status'
    readonly from: number
    readonly to: number
    readonly consistency: 'balanced' | 'consistent'
  },
): Promise<Shown> {
  const nowMs = world.nowMs
  const { rows } = await read(world.pipeline, store, { nowMs: () => nowMs }, request)
  const shown: Shown = new Map()
  for (const { windowStart, key, values, complete } of rows) {
    const window = shown.get(windowStart) ?? { complete, values: new Map<string, object>() }
    window.values.set(encodeKey(key), values)
    shown.set(windowStart, window)
  }
  return shown
}

/** Reads at this moment: each window is the fold of exactly what the store has answered of its panes. */
export async function readChanges(world: ChangesWorld): Promise<void> {
  const { random, plan } = world
  const nowMs = world.nowMs
  const consistency = random.pick(['balanced', 'consistent'] as const)
  const grouping = random.pick(['place', 'status'] as const)
  const from = plan.world.startMs + random.between(-lifetimesMs.pane, windowMs)
  const to = from + random.between(1, 2 * lifetimesMs.pane)
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
  const shown = await shownBy(world, simulatedStore(world, requester), { grouping, from, to, consistency })
  const { pane } = lifetimesMs
  let isComplete = true
  for (let start = from - (from % pane) - windowMs + pane; start < to; start += pane) {
    const cells = [...served].filter(([address]) => {
      const { paneStartMs } = placeOf(address)
      return paneStartMs >= start && paneStartMs < start + windowMs
    })
    const ids = cells.flatMap(([, cell]) => (cell === 'unreadable' ? [] : [...cell]))
    const rows = ids.flatMap((id) => {
      const images = world.images.get(id)
      return images === undefined ? [] : signedRows(images)
    })
    const window = shown.get(start)
    const wrong = differences(resultsOf(grouping, rows), window?.values ?? new Map())
    world.check(wrong.length === 0, 'a read shows exactly what it was served', () => wrong.join('; '))
    const isWhole = nowMs <= gateMs(plan.world, start) && cells.every(([, cell]) => cell !== 'unreadable')
    isComplete &&= isWhole
    world.check(
      window === undefined || window.complete === isWhole,
      'no window is complete with a part missing',
      () => new Date(start).toISOString(),
    )
  }
  if (!isComplete) world.saw('read that is not complete')
  else if (consistency === 'consistent') world.saw('consistent read that is complete')
}
