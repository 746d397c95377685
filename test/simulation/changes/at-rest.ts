import { mergeStates } from '../../../consumers/engine/cell.ts'
import type { State } from '../../../consumers/engine/measures/measure.ts'
import type { CellStore } from '../../../consumers/engine/ports.ts'
import { checkAtRest, headsAtRest } from '../at-rest.ts'
import { expiryMs, sameGroups } from '../model.ts'
import { lifetimesMs } from '../pipeline.ts'
import { foldedGroups, groupBytes, placeOf, type StoredState } from '../stored-state.ts'
import type { Stream } from '../stream.ts'
import { mostClockSkewMs } from '../world.ts'
import { groupsOfRows, isNothing, type SignedRow, signedRows } from './model.ts'
import { shownBy } from './reader.ts'
import { differences, resultsOf } from './results.ts'
import type { ChangesWorld } from './world.ts'

/** Held when the story is over, besides what all stories hold: the cells add up to the table. */
export async function checkTable(world: ChangesWorld, stream: Stream): Promise<void> {
  checkAtRest(world, stream)
  const states = headsAtRest(world)
  noteCells(world, states)
  // An item written by a clock that is ahead, for whole seconds, expires that much earlier.
  const isWhole = [...world.events.values()].every(
    ({ paneStartMs }) => world.nowMs < expiryMs(world.plan.world, paneStartMs) - mostClockSkewMs - 1_000,
  )
  if (!isWhole) return

  const stored = new Set(states.flatMap(({ ids }) => [...ids]))
  checkExcuses(world, stream, stored)
  const expected = expectedRows(world, stored)
  const merged = mergedGroups(world, states)
  world.check(
    sameGroups(groupsOfRows(expected), merged),
    'the cells add up to the rows of the table',
    () => `${tellGroups(merged)} and not ${tellGroups(groupsOfRows(expected))}`,
  )
  checkOrderIndependence(world, stream, stored, merged)
  await checkResults(world, expected)
}

/** What is in no cell was rejected or given up, or its cell has lost something. */
function checkExcuses(world: ChangesWorld, stream: Stream, stored: ReadonlySet<string>): void {
  const rejected = new Set(
    world.deliveries.flatMap(({ record, isRejected }) => (isRejected ? [record.place.sequenceNumber] : [])),
  )
  const lost = [...world.lostAtMs.keys()].map((address) => placeOf(address))
  for (const { event, place } of stream.shards.flatMap(({ records }) => records)) {
    if (event === undefined || stored.has(event.id)) continue
    const isInLost = lost.some(
      ({ paneStartMs, bucket }) => paneStartMs === event.paneStartMs && bucket === event.bucket,
    )
    world.check(
      rejected.has(place.sequenceNumber) || world.discarded.has(place.sequenceNumber) || isInLost,
      'a change that is in no cell was rejected, given up or lost',
      () => event.planned.key,
    )
  }
}

/** The rows of the table, without what the changes did that are rightly in no cell. */
function expectedRows(world: ChangesWorld, stored: ReadonlySet<string>): SignedRow[] {
  const missing = [...world.images].filter(([id]) => !stored.has(id)).map(([, images]) => images)
  if (missing.length > 0) world.sawChange('table and cells are equal but for what was rejected or given up')
  else if (world.lostAtMs.size > 0) world.sawChange('table and cells are equal after a loss')
  else world.sawChange('table and cells are equal')
  return [
    ...world.table.rows.map((row) => ({ row, sign: 1 }) as const),
    ...missing.flatMap((images) => signedRows({ old: images.new, new: images.old })),
  ]
}

/** All cells as one, in any order. What they cancel between them is no group any more. */
function mergedGroups(world: ChangesWorld, states: readonly StoredState[]): StoredState['groups'] {
  return world.pipeline.groupings.map((_, grouping) => {
    const algebras = world.pipeline.keptMeasures[grouping] ?? []
    const merged = new Map<string, readonly State[]>()
    for (const { groups } of world.random.shuffled(states)) {
      for (const [key, each] of groups[grouping] ?? [])
        merged.set(key, mergeStates(algebras, merged.get(key), each))
    }
    const left = [...merged].filter(([, each]) => !isNothing(each))
    if (left.length < merged.size) world.sawChange('group that panes cancel between them')
    return new Map(left)
  })
}

/** All changes in any other order, as if of one pane and bucket, give the same bytes. */
function checkOrderIndependence(
  world: ChangesWorld,
  stream: Stream,
  stored: ReadonlySet<string>,
  merged: StoredState['groups'],
): void {
  const sources = stream.shards
    .flatMap(({ records }) => records)
    .flatMap(({ event, source }) =>
      event !== undefined && stored.has(event.id) && 'payload' in source ? [source] : [],
    )
  const refolded = foldedGroups(world.pipeline, 'all', world.random.shuffled(sources))
  world.check(
    Buffer.compare(groupBytes(refolded), groupBytes(merged)) === 0,
    'panes and buckets add up to the same bytes as one fold in whatever order',
    () => `${tellGroups(merged)} and not ${tellGroups(refolded)}`,
  )
}

/** Read as one window, the table's groups have their values, and no other group has a row. */
async function checkResults(world: ChangesWorld, expected: readonly SignedRow[]): Promise<void> {
  const { startMs } = world.plan.world
  const start = startMs - (startMs % lifetimesMs.pane)
  const store: CellStore = {
    requestTimeoutMs: 1,
    read: (address) => Promise.resolve(world.cache.item(address)),
    createIfAbsent: () => Promise.reject(new Error('a reader writes nothing')),
    replaceIfEqual: () => Promise.reject(new Error('a reader writes nothing')),
  }
  for (const grouping of ['place', 'status'] as const) {
    const request = { grouping, from: start, to: start + 1, consistency: 'consistent' } as const
    const shown = (await shownBy(world, store, request)).get(start)?.values ?? new Map<string, object>()
    const wrong = differences(resultsOf(grouping, expected), shown)
    world.check(wrong.length === 0, 'a read shows the rows of the table', () => wrong.join('; '))
  }
}

function noteCells(world: ChangesWorld, states: readonly StoredState[]): void {
  for (const { ids, groups } of states) {
    const rows = [...ids].flatMap((id) => {
      const images = world.images.get(id)
      return images === undefined ? [] : signedRows(images)
    })
    if (new Set(rows.map(({ row }) => row.status)).size > (groups[1]?.size ?? 0))
      world.sawChange('group gone from a cell')
    const sums = groups.flatMap((of) => [...of.values()].map(([sum]) => sum))
    if (sums.some((sum) => typeof sum === 'bigint')) world.sawChange('sum beyond 2^53')
  }
  const counted = new Set<string>()
  for (const { record, isRejected } of world.deliveries) {
    const { sequenceNumber } = record.place
    if (counted.has(sequenceNumber)) world.sawChange('change delivered again after it was counted')
    if (!isRejected) counted.add(sequenceNumber)
  }
  world.tell(() => `the table at rest: ${JSON.stringify(world.table.rows)}`)
}

function tellGroups(groups: StoredState['groups']): string {
  const all = groups.flatMap((of) => [...of].map(([key, states]) => [key, ...states]))
  return JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
