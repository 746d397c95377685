import { crc32 } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Cell,
  cellLimits,
  type Contribution,
  emptyCell,
  eventCount,
  fold,
} from '../../../consumers/engine/cell.ts'
import { decodeCell, encodeCell } from '../../../consumers/engine/codec.ts'
import { commitPart, type EventFate, type Part, type PartResult } from '../../../consumers/engine/commit.ts'
import { StoreError } from '../../../consumers/engine/errors.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { address, cellOf, incarnation } from './cells.ts'
import { contributionOf, departures, expiryMs, gateMs, paneStartMs } from './departures.ts'
import { createWorld, type World } from './world.ts'

const anotherLife = new Uint8Array(12).fill(7)
const damaged = Buffer.from('these bytes are no cell')
const lost = 'lost' as const

let world: World
/** An instance, and another one. */
let warm: WarmCells
let other: WarmCells
beforeEach(() => {
  world = createWorld()
  warm = new WarmCells()
  other = new WarmCells()
})

function partOf(events: readonly Contribution[]): Part {
  return { pipeline: departures, address, paneStartMs, events }
}

function commit(ids: readonly string[], by = warm): Promise<PartResult> {
  return commitPart(partOf(ids.map((id) => contributionOf({ id }))), world.ports, by)
}

async function fatesOf(ids: readonly string[], by = warm): Promise<readonly EventFate[]> {
  return (await commit(ids, by)).fates
}

/** The cell as the store holds it. */
function stored(): Cell {
  const bytes = world.memory.peek(address)?.bytes
  if (bytes === undefined) throw new Error('there is no cell')
  return decodeCell(departures, address, bytes)
}

/** How many departures the cell has counted, by its ids and by its group, which have to agree. */
function counted(): number {
  const { groups, ...ids } = stored()
  expect(groups[0]?.get('JFK')?.[0]).toBe(eventCount(ids))
  return eventCount(ids)
}

/** The kinds of the requests since the last look. */
function trace(): readonly string[] {
  const kinds = world.store.trace
  world.store.requests.length = 0
  return kinds
}

describe('a part is acknowledged by a stored swap', () => {
  test('a miss creates the cell, at version 1', async () => {
    expect(await commit(['a', 'b'])).toMatchObject({ fates: ['counted', 'counted'], requests: 2 })
    expect(trace()).toEqual(['balanced', 'create'])
    expect(counted()).toBe(2)
    expect(stored()).toMatchObject({ version: 1, lossy: false, address })
  })

  test('a warm copy saves the read', async () => {
    await commit(['a'])
    trace()
    expect(await commit(['b'])).toMatchObject({ fates: ['counted'], requests: 1 })
    expect(trace()).toEqual(['replace'])
    expect(stored().version).toBe(2)
    expect(counted()).toBe(2)
  })

  test('an event that is twice in a part counts once', async () => {
    expect(await fatesOf(['a', 'a', 'b', 'a'])).toEqual(['counted', 'duplicate', 'counted', 'duplicate'])
    expect(counted()).toBe(2)
  })

  test('also where nothing is new, and then by the very bytes that are there', async () => {
    await commit(['a'])
    const before = world.memory.peek(address)
    for (const by of [warm, other]) {
      world.store.requests.length = 0
      expect(await fatesOf(['a'], by)).toEqual(['duplicate'])
      const swap = world.store.requests.find(({ kind }) => kind === 'replace')
      expect(Buffer.compare(swap?.bytes ?? damaged, before?.bytes ?? damaged)).toBe(0)
      expect(world.memory.peek(address)).toEqual(before)
    }
    await commit(['b'])
    expect(world.memory.peek(address)).not.toEqual(before)
  })

  test('nothing new by a warm copy is not acknowledged when the cell is gone: it is counted again', async () => {
    await commit(['a'])
    world.memory.evict(address)
    expect(await fatesOf(['a'])).toEqual(['counted'])
    expect(counted()).toBe(1)
  })

  test('a stored cell has a fresh nonce with every change, so that no two have the same hash', async () => {
    const nonces = new Set<string>()
    for (const id of ['a', 'b', 'c']) {
      await commit([id])
      nonces.add(Buffer.from(stored().nonce).toString('hex'))
    }
    expect(nonces.size).toBe(3)
  })

  test('two cells of the same events are two incarnations', async () => {
    await commit(['a'])
    const first = stored().incarnation
    world.memory.evict(address)
    await commit(['a'], other)
    expect(stored().incarnation).not.toEqual(first)
    expect(stored().lossy).toBe(false)
  })
})

describe('after a refused swap', () => {
  test('the cell is read consistent and the events are filtered again', async () => {
    await commit(['a'])
    await commit(['a', 'b'], other)
    trace()
    expect(await fatesOf(['b', 'c'])).toEqual(['duplicate', 'counted'])
    expect(trace()).toEqual(['replace', 'consistent', 'replace'])
    expect(counted()).toBe(3)
  })

  test('of two writers that create at the same time both count, one after the other', async () => {
    world.store.script('through', { before: () => commit(['a', 'b'], other) })
    expect(await fatesOf(['b', 'c'])).toEqual(['duplicate', 'counted'])
    expect(world.store.trace).toEqual(['balanced', 'create', 'balanced', 'create', 'consistent', 'replace'])
    expect(counted()).toBe(3)
  })

  test('its copy is not used again and its next read is consistent, until a swap is stored', async () => {
    await commit(['a'])
    await commit(['b'], other)
    world.store.script({ before: () => (world.time.remainingMs = 0) })
    expect(await fatesOf(['c'])).toEqual(['unfinished'])
    world.time.remainingMs = 60_000
    trace()
    expect(await fatesOf(['c'])).toEqual(['counted'])
    expect(trace()).toEqual(['consistent', 'replace'])
    warm.take(address)
    await commit(['d'])
    expect(trace()).toEqual(['balanced', 'replace'])
    expect(counted()).toBe(4)
  })
})

describe('after an error', () => {
  test('a write that landed though its answer was lost is not counted twice', async () => {
    world.store.script('through', 'answer-lost')
    expect(await fatesOf(['a'])).toEqual(['duplicate'])
    expect(trace()).toEqual(['balanced', 'create', 'consistent', 'replace'])
    world.store.script('answer-lost')
    expect(await fatesOf(['b', 'c'])).toEqual(['duplicate', 'duplicate'])
    expect(counted()).toBe(3)
  })

  test('a write that did not land is written again', async () => {
    world.store.script('through', lost)
    expect(await fatesOf(['a'])).toEqual(['counted'])
    expect(trace()).toEqual(['balanced', 'create', 'consistent', 'create'])
    expect(counted()).toBe(1)
  })

  test('every request that failed is reported by its code, a refused swap is none', async () => {
    await commit(['a'], other)
    world.memory.put(address, damaged)
    world.store.script(lost, 'through', 'answer-lost')
    const { failures } = await commit(['a'])
    expect(failures).toEqual(['LOST', 'ANSWER_LOST'])
    world.store.script({ answer: { bytes: damaged, hash: damaged } })
    warm.take(address)
    expect((await commit(['a'])).failures).toEqual(['DamagedBytesError'])
    await commit(['b'], other)
    expect(await commit(['b'])).toEqual({ fates: ['duplicate'], requests: 3, failures: [] })
  })

  test('a read that failed is not a miss', async () => {
    await commit(['a'], other)
    trace()
    world.store.script(lost)
    expect(await fatesOf(['a', 'b'])).toEqual(['duplicate', 'counted'])
    expect(trace()).toEqual(['balanced', 'consistent', 'replace'])
    expect(stored().version).toBe(2)
  })

  test('while every request fails the events are unfinished, and attempts are bounded', async () => {
    world.store.unreachable.add(address)
    world.time.remainingMs = 1e9
    expect(await commit(['a', 'b'])).toEqual({
      fates: ['unfinished', 'unfinished'],
      requests: 16,
      failures: Array.from({ length: 16 }, () => 'LOST'),
    })
    world.store.unreachable.clear()
    expect(await fatesOf(['a', 'b'])).toEqual(['counted', 'counted'])
  })

  test('a write that lands long after it was given up counts once', async () => {
    const bytes = encodeCell({ ...cellOf([contributionOf({ id: 'a' })]), version: 1 })
    world.store.script('through', lost, 'through', {
      before: () => world.memory.createIfAbsent(address, bytes, 60),
    })
    expect(await fatesOf(['a'])).toEqual(['duplicate'])
    expect(counted()).toBe(1)
  })

  test('an error that is no store’s is not taken for one', async () => {
    world.store.script({
      before: () => {
        throw new TypeError('bug')
      },
    })
    await expect(commit(['a'])).rejects.toThrow(TypeError)
    expect(trace()).toEqual(['balanced'])
  })
})

describe('stale reads', () => {
  test('a stale miss neither loses nor repeats anything, and leaves no mark of loss', async () => {
    await commit(['a'])
    warm.take(address)
    world.store.script({ answer: undefined })
    expect(await fatesOf(['a', 'b'])).toEqual(['duplicate', 'counted'])
    expect(counted()).toBe(2)
    expect(stored().lossy).toBe(false)
  })

  test('so does a stale cell', async () => {
    await commit(['a'])
    const stale = world.memory.peek(address)
    await commit(['b'])
    warm.take(address)
    world.store.script({ answer: stale })
    expect(await fatesOf(['b', 'c'])).toEqual(['duplicate', 'counted'])
    expect(stored()).toMatchObject({ lossy: false, version: 3 })
  })
})

describe('loss', () => {
  test('replacing never creates: a warm copy of an evicted cell does not bring it back', async () => {
    await commit(['a', 'b'])
    world.memory.evict(address)
    trace()
    expect(await fatesOf(['c'])).toEqual(['counted'])
    expect(trace()).toEqual(['replace', 'consistent', 'create'])
    expect(counted()).toBe(1)
  })

  test('an instance that remembers the cell marks its next incarnation lossy, one that does not cannot', async () => {
    await commit(['a'])
    world.memory.evict(address)
    await commit(['b'])
    expect(stored()).toMatchObject({ lossy: true, version: 1 })
    world.memory.evict(address)
    await commit(['c'], other)
    expect(stored().lossy).toBe(false)
  })

  test('a good read is remembered, though the swap that followed it failed', async () => {
    await commit(['a'], other)
    world.store.script('through', lost)
    world.store.script({
      before: () => {
        world.time.remainingMs = 0
        throw new StoreError('lost')
      },
    })
    expect(await fatesOf(['b'])).toEqual(['unfinished'])
    world.memory.evict(address)
    world.time.remainingMs = 60_000
    await commit(['b'])
    expect(stored().lossy).toBe(true)
  })

  test('it marks one that another instance has begun since, though nothing is new', async () => {
    await commit(['a'])
    world.memory.evict(address)
    await commit(['a'], other)
    const before = stored()
    expect(before.lossy).toBe(false)
    expect(await fatesOf(['a'])).toEqual(['duplicate'])
    expect(stored()).toMatchObject({ lossy: true, version: before.version + 1 })
  })

  test('it notices a cell that went back to an older version', async () => {
    await commit(['a'])
    const older = world.memory.peek(address)?.bytes ?? damaged
    await commit(['b'])
    world.memory.put(address, older)
    expect(await fatesOf(['c'])).toEqual(['counted'])
    expect(stored()).toMatchObject({ lossy: true })
    expect(counted()).toBe(2)
  })

  test('it notices a cell that went back and has come as far again', async () => {
    await commit(['a'])
    const older = world.memory.peek(address)?.bytes ?? damaged
    await commit(['b'])
    world.memory.put(address, older)
    await commit(['c'], other)
    expect(await fatesOf(['d'])).toEqual(['counted'])
    expect(stored()).toMatchObject({ lossy: true })
  })

  test('the mark stays through every later change, by whomever', async () => {
    await commit(['a'])
    world.memory.evict(address)
    await commit(['a'])
    await commit(['b'], other)
    expect(stored().lossy).toBe(true)
  })

  test('a loss that was noticed but could not be written is not forgotten', async () => {
    await commit(['a'])
    world.memory.evict(address)
    world.store.unreachable.add(address)
    expect(await fatesOf(['b'])).toEqual(['unfinished'])
    world.store.unreachable.clear()
    await commit(['b'])
    expect(stored().lossy).toBe(true)
  })

  test('a mark of loss whose write failed is set by the next attempt', async () => {
    await commit(['a'])
    world.memory.evict(address)
    world.store.script('through', 'through', lost)
    await commit(['b'])
    expect(trace()).toEqual(['balanced', 'create', 'replace', 'consistent', 'create', 'consistent', 'create'])
    expect(stored().lossy).toBe(true)
  })
})

describe('damaged bytes', () => {
  test('a balanced read of them is not believed', async () => {
    await commit(['a'], other)
    trace()
    world.store.script({ answer: { bytes: damaged, hash: damaged } })
    expect(await fatesOf(['a', 'b'])).toEqual(['duplicate', 'counted'])
    expect(trace()).toEqual(['balanced', 'consistent', 'replace'])
    expect(stored()).toMatchObject({ lossy: false, version: 2 })
  })

  test('nor is one consistent read of them, which may have been torn on its way', async () => {
    await commit(['a'], other)
    trace()
    const torn = { answer: { bytes: damaged, hash: damaged } }
    world.store.script(torn, torn)
    expect(await fatesOf(['a', 'b'])).toEqual(['duplicate', 'counted'])
    expect(trace()).toEqual(['balanced', 'consistent', 'consistent', 'replace'])
    expect(stored()).toMatchObject({ lossy: false, version: 2 })
  })

  test('two consistent reads of them are a loss: the cell begins anew, empty and lossy', async () => {
    await commit(['a', 'b'], other)
    const before = stored().incarnation
    world.memory.put(address, damaged)
    trace()
    expect(await fatesOf(['a'])).toEqual(['counted'])
    expect(trace()).toEqual(['balanced', 'consistent', 'consistent', 'replace'])
    expect(counted()).toBe(1)
    expect(stored()).toMatchObject({ lossy: true, version: 1 })
    expect(stored().incarnation).not.toEqual(before)
  })

  test('damaged bytes and then none are a loss too, also for who never saw the cell', async () => {
    world.memory.put(address, damaged)
    world.store.script('through', 'through', { before: () => world.memory.evict(address) })
    expect(await fatesOf(['a'])).toEqual(['counted'])
    expect(stored()).toMatchObject({ lossy: true })
  })

  test('a cell that was repaired meanwhile is not overwritten', async () => {
    world.memory.put(address, damaged)
    world.store.script('through', 'through', { before: () => commit(['a'], other) })
    expect(await fatesOf(['a', 'b'])).toEqual(['duplicate', 'counted'])
    expect(counted()).toBe(2)
  })

  test('the bytes of another cell are damaged too', async () => {
    const foreign = emptyCell(departures, `${address}0`, incarnation, false)
    fold(departures, foreign, contributionOf({ id: 'a' }))
    world.memory.put(address, encodeCell(foreign))
    expect(await fatesOf(['a'])).toEqual(['counted'])
    expect(stored()).toMatchObject({ lossy: true, address })
  })
})

test('bytes of a newer codec are never overwritten: the events are unfinished', async () => {
  await commit(['a'], other)
  const newer = Buffer.from(world.memory.peek(address)?.bytes ?? damaged)
  newer.writeUInt8(2, 4)
  const checksummed = withChecksum(newer)
  world.memory.put(address, checksummed)
  trace()
  expect(await commit(['b'])).toEqual({
    fates: ['unfinished'],
    requests: 1,
    failures: ['NewerCodecError'],
  })
  expect(await commit(['b'])).toMatchObject({ fates: ['unfinished'], requests: 1 })
  expect(trace()).toEqual(['balanced', 'consistent'])
  expect(Buffer.compare(world.memory.peek(address)?.bytes ?? damaged, checksummed)).toBe(0)
})

describe('expiry', () => {
  test('past the gate nothing is read or written, at the gate it still is', async () => {
    world.time.nowMs = gateMs
    expect(await fatesOf(['a'])).toEqual(['counted'])
    trace()
    world.time.nowMs = gateMs + 1
    expect(await commit(['a', 'b'])).toMatchObject({ fates: ['expired', 'expired'], requests: 0 })
    expect(trace()).toEqual([])
    expect(counted()).toBe(1)
  })

  test('a read that ends past the gate is followed by no write', async () => {
    world.time.nowMs = gateMs
    world.store.script({ after: () => world.time.nowMs++ })
    expect(await fatesOf(['a'])).toEqual(['expired'])
    expect(trace()).toEqual(['balanced'])
    expect(world.memory.peek(address)).toBeUndefined()
  })

  test('an attempt after a refused one keeps to the gate too', async () => {
    world.time.nowMs = gateMs
    world.store.script('through', { before: () => commit(['b'], other) }, 'through')
    world.store.script('through', { after: () => (world.time.nowMs = gateMs + 1) })
    expect(await fatesOf(['a'])).toEqual(['expired'])
    expect(counted()).toBe(1)
  })

  test('the time to live is absolute, in whole seconds rounded down, at creation and at every swap', async () => {
    for (const [atMs, id] of [
      [0, 'a'],
      [1, 'b'],
      [59_001, 'c'],
      [3_600_999, 'c'],
    ] as const) {
      world.time.nowMs = paneStartMs + atMs
      world.store.requests.length = 0
      await commit([id])
      const ttls = world.store.requests.flatMap(({ ttlSeconds }) => ttlSeconds ?? [])
      expect(ttls).toEqual([Math.floor((expiryMs - world.time.nowMs) / 1_000)])
      expect(world.memory.expiresAtMs(address)).toBeLessThanOrEqual(expiryMs)
      expect(world.memory.expiresAtMs(address)).toBeGreaterThan(expiryMs - 1_000)
    }
  })
})

describe('time', () => {
  /** A read, a swap, and the time that writing the rejected records takes. */
  const neededMs = 2 * 1_000 + 2_000

  test('an attempt begins only if it and the failed records still have the time', async () => {
    world.time.remainingMs = neededMs - 1
    expect(await commit(['a'])).toMatchObject({ fates: ['unfinished'], requests: 0 })
    world.time.remainingMs = neededMs
    expect(await fatesOf(['a'])).toEqual(['counted'])
  })

  test('it never waits past the time that another attempt needs', async () => {
    world.store.unreachable.add(address)
    world.time.remainingMs = neededMs + 25
    expect(await fatesOf(['a'])).toEqual(['unfinished'])
    expect(world.sleepsMs.reduce((total, ms) => total + ms, 0)).toBeLessThanOrEqual(25)
    expect(world.time.remainingMs).toBeGreaterThanOrEqual(neededMs)
  })

  test('the pauses are random and grow to a second, no further', async () => {
    world.store.unreachable.add(address)
    world.time.remainingMs = 1e9
    const ports = { ...world.ports, random: { ...world.ports.random, fraction: () => 0.5 } }
    await commitPart(partOf([contributionOf()]), ports, warm)
    expect(world.sleepsMs).toEqual([5, 10, 20, 40, 80, 160, 320, ...Array.from({ length: 9 }, () => 500)])
  })

  test('a commit without trouble never waits', async () => {
    await commit(['a'])
    expect(world.sleepsMs).toEqual([])
  })
})

describe('caps', () => {
  test('events over the cap get their verdict by a stored swap, the others are counted', async () => {
    const groups = Array.from({ length: departures.maximumGroups / 2 }, (_, index) => `o-${index}`)
    const events = [...groups, 'one-more', 'o-0'].map((origin, index) =>
      contributionOf({ id: `${index}`, origin }),
    )
    world.store.script('through', 'answer-lost', 'through', lost)
    const { fates } = await commitPart(partOf(events), world.ports, warm)
    expect(fates).toEqual([...groups.map(() => 'duplicate'), 'over-cap', 'duplicate'])
    expect(stored().active.size).toBe(groups.length + 1)
    world.store.unreachable.add(address)
    const again = await commitPart(partOf(events), world.ports, other)
    expect(new Set(again.fates)).toEqual(new Set(['unfinished']))
  })

  test('a full cell still acknowledges what is in it', async () => {
    await commit(['a'])
    const events = ['a', 'b'].map((id) => contributionOf({ id }))
    const full = { ...cellLimits, headBytes: 0 }
    const { fates } = await commitPart(partOf(events), world.ports, warm, full)
    expect(fates).toEqual(['duplicate', 'over-cap'])
    expect(counted()).toBe(1)
    expect(await fatesOf(['b'])).toEqual(['counted'])
  })
})

describe('two commits of one instance at once', () => {
  test('a zombie that comes back in the middle neither counts twice nor loses anything', async () => {
    await commit(['a'])
    world.store.script({ before: () => commit(['b', 'c']) })
    expect(await fatesOf(['c', 'd'])).toEqual(['duplicate', 'counted'])
    expect(counted()).toBe(4)
  })

  test('nor does one whose answer comes last', async () => {
    await commit(['a'])
    world.store.script({ after: () => commit(['b', 'c']) })
    expect(await fatesOf(['c', 'd'])).toEqual(['counted', 'counted'])
    expect(await fatesOf(['e'])).toEqual(['counted'])
    expect(counted()).toBe(5)
    expect(stored()).toMatchObject({ lossy: false, version: 4 })
  })

  test('both count when they run side by side', async () => {
    const both = await Promise.all([fatesOf(['a', 'b']), fatesOf(['b', 'c'])])
    expect(both.flat().filter((fate) => fate === 'counted')).toHaveLength(3)
    expect(counted()).toBe(3)
  })
})

test('a loss is told by the incarnation, not by the version alone', async () => {
  await commit(['a'])
  const reborn = { ...cellOf([contributionOf({ id: 'b' })]), incarnation: anotherLife, version: 100 }
  world.memory.put(address, encodeCell(reborn))
  warm.take(address)
  await commit(['c'])
  expect(stored()).toMatchObject({ lossy: true, version: 101 })
})

/** The checksum over the version and the body, so that only the version is unknown. */
function withChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0)
  return bytes
}
