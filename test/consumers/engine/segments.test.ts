import { crc32 } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  type Cell,
  type CellLimits,
  cellLimits,
  eventCount,
  type Segment,
} from '../../../consumers/engine/cell.ts'
import { decodeCell, decodeSegment, encodeSegment } from '../../../consumers/engine/codec.ts'
import { commitPart, type EventFate, type PartResult } from '../../../consumers/engine/commit.ts'
import type { EventId } from '../../../consumers/engine/identity.ts'
import type { CellStore } from '../../../consumers/engine/ports.ts'
import { WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { address } from './cells.ts'
import { contributionOf, departures, expiryMs, gateMs, paneStartMs } from './departures.ts'
import type { Step } from './scripted-store.ts'
import { createWorld, type World } from './world.ts'

/** Heads of 4 ids, segments of 3: what more is, is sealed. */
const small: CellLimits = { ...cellLimits, activeIds: 4, segmentIds: 3 }
const slackMs = 10 * 60_000
const requestTimeoutMs = 1_000
const writeTimeoutMs = 2_000
const lost = 'lost' as const
const gone: Step = { answer: undefined }

let world: World
/** An instance, and another one. */
let warm: WarmCells
let other: WarmCells
beforeEach(() => {
  world = createWorld()
  warm = new WarmCells()
  other = new WarmCells()
})

function commit(ids: readonly string[], by = warm, limits = small): Promise<PartResult> {
  const events = ids.map((id) => contributionOf({ id }))
  return commitPart({ pipeline: departures, address, paneStartMs, events }, world.ports, by, limits)
}

async function fatesOf(ids: readonly string[], by = warm): Promise<readonly EventFate[]> {
  return (await commit(ids, by)).fates
}

function named(count: number, prefix = 'd'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

function bytesAt(at: string): Uint8Array {
  const item = world.memory.peek(at)
  if (item === undefined) throw new Error(`nothing is stored at ${at}`)
  return item.bytes
}

function stored(): Cell {
  return decodeCell(departures, address, bytesAt(address))
}

function textOf(id: EventId): string {
  return id.join(' ')
}

/** All ids of the cell, read from what is stored, which have to be as many as it has counted. */
function storedIds(): ReadonlySet<string> {
  const cell = stored()
  const sealed = cell.segments.flatMap((segment) => [...decodeSegment(segment, bytesAt(segment.address))])
  const ids = [...cell.active, ...sealed].map(textOf)
  expect(cell.groups[0]?.get('JFK')?.[0]).toBe(eventCount(cell))
  expect(ids).toHaveLength(eventCount(cell))
  return new Set(ids)
}

function idsOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((id) => textOf(contributionOf({ id }).id)))
}

/** The requests since the last look: heads by their kind, segments' marked. */
function trace(): readonly string[] {
  const { requests } = world.store
  const kinds = requests.map(({ kind, consistency, address: at }) =>
    at === address ? (consistency ?? kind) : `segment ${consistency ?? kind}`,
  )
  requests.length = 0
  return kinds
}

/** A cell with 6 sealed ids, in two segments, and none active; nobody has a copy of it but `by`. */
async function sealedCell(by = other): Promise<readonly [Segment, Segment]> {
  await commit(named(6), by)
  trace()
  const [first, second] = stored().segments
  if (first === undefined || second === undefined) throw new Error('nothing is sealed')
  return [first, second]
}

describe('sealing', () => {
  test('1,024 active ids stay in the head, the next one has all sealed', async () => {
    const ids = named(1_025)
    await commit(ids.slice(0, 1_024), warm, cellLimits)
    expect(stored()).toMatchObject({ segments: [], active: { size: 1_024 } })
    await commit(ids.slice(1_024), warm, cellLimits)
    expect(stored()).toMatchObject({ segments: [{ ids: 1_025 }], active: { size: 0 } })
    expect(storedIds()).toEqual(idsOf(ids))
    await commit(['one-more'], warm, cellLimits)
    expect(stored()).toMatchObject({ segments: [{ ids: 1_025 }], active: { size: 1 } })
  })

  test.each([
    [5_000, [5_000]],
    [5_001, [2_501, 2_500]],
    [10_001, [3_334, 3_334, 3_333]],
  ])('%d ids are split evenly into segments of %j, each under 64 KB', async (count, segments) => {
    await commit(named(count), warm, cellLimits)
    expect(stored().segments.map(({ ids }) => ids)).toEqual(segments)
    expect(storedIds()).toEqual(idsOf(named(count)))
    for (const segment of stored().segments) {
      const { length } = bytesAt(segment.address)
      expect(length).toBeLessThan(64 * 1_024)
      expect(length).toBeGreaterThan(segment.ids * 12)
    }
  })

  test('the largest head stays under 256 KB, and over it events are refused', async () => {
    const roomy = { ...departures, maximumGroups: 1e9 }
    const events = Array.from({ length: 1_000 }, (_, index) =>
      contributionOf({ id: `${index}`, origin: `${index}`.padStart(400, 'o'), miles: 2 ** 40 }),
    )
    const part = { pipeline: roomy, address, paneStartMs, events }
    const { fates } = await commitPart(part, world.ports, warm)
    expect(fates).toContain('over-cap')
    expect(bytesAt(address).length).toBeLessThanOrEqual(256 * 1_024)
    expect(bytesAt(address).length).toBeGreaterThan(200 * 1_024)
  })

  test('a head that names ever more segments stays under its limit too', async () => {
    const limits = { activeIds: 4, segmentIds: 2, headBytes: 1_500 }
    const fates = new Set<EventFate>()
    for (let batch = 0; batch < 60 && !fates.has('over-cap'); batch++) {
      for (const fate of (await commit(named(3, `b${batch}`), warm, limits)).fates) fates.add(fate)
      expect(bytesAt(address).length).toBeLessThanOrEqual(limits.headBytes)
    }
    expect(fates).toEqual(new Set(['counted', 'over-cap']))
    expect(stored().segments.length).toBeGreaterThan(20)
    storedIds()
  })

  test('the head is swapped only after the store has acknowledged every segment', async () => {
    const gates: (() => void)[] = []
    const heldBack: CellStore = {
      requestTimeoutMs: world.store.requestTimeoutMs,
      read: (at, consistency) => world.store.read(at, consistency),
      replaceIfEqual: (...of) => world.store.replaceIfEqual(...of),
      createIfAbsent: async (at, ...of) => {
        const hash = await world.store.createIfAbsent(at, ...of)
        if (at !== address) await new Promise<void>((resolve) => gates.push(resolve))
        return hash
      },
    }
    const events = named(9).map((id) => contributionOf({ id }))
    const ports = { ...world.ports, store: heldBack }
    const committed = commitPart({ pipeline: departures, address, paneStartMs, events }, ports, warm, small)
    for (let answered = 0; answered < 3; answered++) {
      await settled()
      expect(trace().filter((request) => request === 'create')).toEqual([])
      gates[answered]?.()
    }
    expect((await committed).fates).toEqual(named(9).map(() => 'counted'))
    expect(trace()).toEqual(['create'])
  })

  test.each([lost, 'answer-lost'] as const)(
    'a segment whose write is %s is written again under another name',
    async (fault) => {
      world.store.script('through', 'through', fault)
      expect(await fatesOf(named(6))).toEqual(named(6).map(() => 'counted'))
      expect(trace()).toEqual(['balanced', 'segment create', 'segment create', 'segment create', 'create'])
      const names = world.store.requests.flatMap(({ kind, address: at }) => (kind === 'create' ? [at] : []))
      expect(new Set(names).size).toBe(names.length)
      expect(storedIds()).toEqual(idsOf(named(6)))
    },
  )

  test.each([lost, 'answer-lost'] as const)(
    'a segment whose write is %s three times counts nothing: another attempt writes all anew',
    async (fault) => {
      world.store.script('through', 'through', fault, fault, fault)
      expect(await fatesOf(named(6))).toEqual(named(6).map(() => 'counted'))
      const writes = ['segment create', 'segment create']
      const failed = [...writes, 'segment create', 'segment create']
      expect(trace()).toEqual(['balanced', ...failed, 'consistent', ...writes, 'create'])
      expect(storedIds()).toEqual(idsOf(named(6)))
    },
  )

  test('while segments cannot be written the head stays as it is, and its events are unfinished', async () => {
    await commit(named(4))
    const before = bytesAt(address)
    world.time.remainingMs = 1e9
    const failed = [lost, lost, lost] as const
    // Between an attempt's failed writes and the next one's is the head's read.
    world.store.script(...failed, ...Array.from({ length: 40 }, () => ['through', ...failed] as const).flat())
    expect(new Set(await fatesOf(['new']))).toEqual(new Set(['unfinished']))
    expect(bytesAt(address)).toEqual(before)
    world.store.script(...Array.from({ length: 200 }, () => 'through' as const))
    expect(storedIds()).toEqual(idsOf(named(4)))
  })

  test('a refused swap’s names are never used again, and its segments are named by no head', async () => {
    await commit(named(4))
    world.store.script('through', { before: () => commit(['x'], other) })
    expect(await fatesOf(['y'])).toEqual(['counted'])
    const created = world.store.requests.flatMap(({ kind, address: at }) => (kind === 'create' ? [at] : []))
    const names = created.filter((at) => at !== address)
    expect(new Set(names).size).toBe(names.length)
    const held = stored().segments.map((segment) => segment.address)
    expect(names.length).toBeGreaterThan(held.length)
    expect(names.filter((at) => held.includes(at))).toHaveLength(held.length)
    expect(storedIds()).toEqual(idsOf([...named(4), 'x', 'y']))
  })

  test('a name that is taken is an error like any other, never named', async () => {
    const taken = world.memory
    world.store.script('through', {
      before: () => {
        const at = world.store.requests[1]?.address ?? ''
        taken.put(at, encodeSegment(at, new Uint8Array(12)))
      },
    })
    const { fates, failures } = await commit(named(6))
    expect(fates).toEqual(named(6).map(() => 'counted'))
    expect(failures).toEqual(['name-taken'])
    expect(storedIds()).toEqual(idsOf(named(6)))
  })

  test.each([1, 999, 59_001])('%d ms into a second, heads live shorter and segments longer', async (atMs) => {
    world.time.nowMs = paneStartMs + atMs
    await commit(named(6))
    const { nowMs } = world.time
    const ttls = world.store.requests.flatMap(({ ttlSeconds, address: at }) =>
      ttlSeconds === undefined ? [] : [[at === address, ttlSeconds]],
    )
    const segment = [false, Math.ceil((expiryMs + slackMs - nowMs) / 1_000)]
    expect(ttls).toEqual([segment, segment, [true, Math.floor((expiryMs - nowMs) / 1_000)]])
    const headGoesAt = world.memory.expiresAtMs(address) ?? Infinity
    expect(headGoesAt).toBeLessThanOrEqual(expiryMs)
    expect(headGoesAt).toBeGreaterThan(expiryMs - 1_000)
    for (const { address: at } of stored().segments) {
      expect(world.memory.expiresAtMs(at)).toBeGreaterThanOrEqual(expiryMs + slackMs)
      expect(world.memory.expiresAtMs(at)).toBeLessThan(expiryMs + slackMs + 1_000)
    }
  })
})

describe('duplicates', () => {
  test('an id in any of the segments is filtered, by whomever, and new ones count', async () => {
    await sealedCell()
    expect(await fatesOf(['d-0', 'd-5', 'new', 'd-3', 'new'])).toEqual([
      'duplicate',
      'duplicate',
      'counted',
      'duplicate',
      'duplicate',
    ])
    expect(trace()).toEqual(['balanced', 'segment consistent', 'segment consistent', 'replace'])
    expect(storedIds()).toEqual(idsOf([...named(6), 'new']))
  })

  test('nothing new seals nothing and swaps the very bytes', async () => {
    await sealedCell(warm)
    const before = bytesAt(address)
    expect(new Set(await fatesOf(named(6)))).toEqual(new Set(['duplicate']))
    expect(trace()).toEqual(['replace'])
    expect(bytesAt(address)).toEqual(before)
  })
})

describe('copies of segments', () => {
  test('written ones are trusted for a minute from the start of the write', async () => {
    world.store.script('through', { before: () => (world.time.nowMs += 5_000) })
    await commit(named(6))
    trace()
    world.time.nowMs = paneStartMs + 59_999
    await commit(['a'])
    expect(trace()).toEqual(['replace'])
    world.time.nowMs = paneStartMs + 60_000
    await commit(['b'])
    expect(trace()).toContain('segment consistent')
  })

  test('read ones are trusted for a minute from the start of the read', async () => {
    await sealedCell()
    const slow: Step = { after: () => (world.time.nowMs += 500) }
    world.store.script('through', slow, slow)
    await commit(['a'])
    expect(trace()).toEqual(['balanced', 'segment consistent', 'segment consistent', 'replace'])
    world.time.nowMs = paneStartMs + 59_999
    await commit(['b'])
    expect(trace()).toEqual(['replace'])
    world.time.nowMs = paneStartMs + 60_000
    await commit(['c'])
    expect(trace()).toContain('segment consistent')
    expect(trace()).toEqual([])
  })

  test('a lost segment is noticed within a minute, though the copy is warm', async () => {
    const [segment] = await sealedCell(warm)
    world.memory.evict(segment.address)
    world.time.nowMs += 59_999
    expect(await fatesOf(['d-0'])).toEqual(['duplicate'])
    world.time.nowMs += 1
    expect(await fatesOf(['d-0'])).toEqual(['counted'])
    expect(stored()).toMatchObject({ lossy: true, segments: [] })
  })
})

describe('a segment that is gone', () => {
  test('is looked for again after a pause, and only then lost', async () => {
    await sealedCell()
    world.store.script('through', gone)
    expect(await fatesOf(['d-0', 'new'])).toEqual(['duplicate', 'counted'])
    expect(world.sleepsMs).toEqual([100])
    expect(trace().filter((request) => request === 'segment consistent')).toHaveLength(3)
    expect(stored()).toMatchObject({ lossy: false, version: 2 })
    expect(storedIds()).toEqual(idsOf([...named(6), 'new']))
  })

  test.each([
    [100, 'duplicate', [100]],
    [99, 'unfinished', []],
  ])(
    'is looked for again only with time for the pause and a read: %d ms',
    async (spareMs, fate, sleepsMs) => {
      const events = named(5).map((id) => contributionOf({ id }))
      const part = { pipeline: departures, address, paneStartMs, events }
      const oneSegment = { ...small, segmentIds: 5 }
      await commitPart(part, world.ports, other, oneSegment)
      const at = stored().segments[0]?.address ?? ''
      const bytes = bytesAt(at)
      world.memory.evict(at)
      const left: Step = {
        after: () => (world.time.remainingMs = requestTimeoutMs + writeTimeoutMs + spareMs),
      }
      // The swap finds time again, so that only the pause and the second read are at stake.
      const back: Step = {
        before: () => world.memory.put(at, bytes),
        after: () => (world.time.remainingMs = 60_000),
      }
      world.store.script('through', left, back)
      const { fates } = await commitPart(part, world.ports, warm, oneSegment)
      expect(new Set(fates)).toEqual(new Set([fate]))
      expect(world.sleepsMs).toEqual(sleepsMs)
      expect(world.time.remainingMs).toBeGreaterThanOrEqual(writeTimeoutMs)
    },
  )

  test('takes its whole cell with it: empty, lossy, another life, in the place of the very head', async () => {
    const [segment] = await sealedCell()
    const before = world.memory.peek(address)
    const { incarnation } = stored()
    world.memory.evict(segment.address)
    expect(await fatesOf(['d-0', 'd-5', 'new'])).toEqual(['counted', 'counted', 'counted'])
    expect(world.sleepsMs).toEqual([100])
    const swap = world.store.requests.find(({ kind }) => kind === 'replace')
    expect(swap?.hash).toEqual(before?.hash)
    expect(stored()).toMatchObject({ lossy: true, version: 1, segments: [] })
    expect(stored().incarnation).not.toEqual(incarnation)
    expect(storedIds()).toEqual(idsOf(['d-0', 'd-5', 'new']))
  })

  test('is repaired by delivering all again, each id once', async () => {
    const [segment] = await sealedCell()
    world.memory.evict(segment.address)
    expect(new Set(await fatesOf(named(6)))).toEqual(new Set(['counted']))
    expect(new Set(await fatesOf(named(6), other))).toEqual(new Set(['duplicate']))
    expect(storedIds()).toEqual(idsOf(named(6)))
    expect(stored().lossy).toBe(true)
  })

  test('leaves a cell alone that somebody else has begun anew meanwhile', async () => {
    const [segment] = await sealedCell()
    world.memory.evict(segment.address)
    const third = new WarmCells()
    let isFirst = true
    const restart: Step = {
      before: async () => {
        if (!isFirst) return
        isFirst = false
        await commit(['d-0', 'd-1'], third)
      },
    }
    world.store.script('through', ...Array.from({ length: 3 }, () => 'through' as const), restart)
    expect(await fatesOf(['d-1', 'd-2'])).toEqual(['duplicate', 'counted'])
    expect(storedIds()).toEqual(idsOf(['d-0', 'd-1', 'd-2']))
    expect(stored().lossy).toBe(true)
  })

  test('is not taken for gone where its read failed', async () => {
    await sealedCell()
    world.store.script('through', lost)
    expect(await fatesOf(['d-0', 'new'])).toEqual(['duplicate', 'counted'])
    expect(stored()).toMatchObject({ lossy: false })
    expect(storedIds()).toEqual(idsOf([...named(6), 'new']))
  })
})

describe('bytes of a segment that are', () => {
  const damage: readonly [string, (segment: Segment, bytes: Uint8Array) => Uint8Array][] = [
    ['cut', (_, bytes) => bytes.subarray(0, -1)],
    ['altered', (_, bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))],
    [
      'another segment’s',
      ({ address: at }) =>
        encodeSegment(
          `${at}0`,
          new Uint8Array(36).map((_, byte) => byte),
        ),
    ],
    [
      'of fewer ids',
      ({ address: at }) =>
        encodeSegment(
          at,
          new Uint8Array(24).map((_, byte) => byte),
        ),
    ],
    [
      'of more ids',
      ({ address: at }) =>
        encodeSegment(
          at,
          new Uint8Array(48).map((_, byte) => byte),
        ),
    ],
    ['a head', () => bytesAt(address)],
  ]
  test.each(damage)('%s are read again, and then a loss of the cell', async (_, of) => {
    const [segment] = await sealedCell()
    const whole = bytesAt(segment.address)
    world.memory.put(segment.address, of(segment, whole))
    expect(await fatesOf(['d-0', 'new'])).toEqual(['counted', 'counted'])
    expect(world.sleepsMs).toEqual([100])
    expect(stored()).toMatchObject({ lossy: true, version: 1, segments: [] })
    expect(storedIds()).toEqual(idsOf(['d-0', 'new']))
  })

  test('damaged once, and whole when read again, are no loss', async () => {
    await sealedCell()
    world.store.script('through', { answer: { bytes: Buffer.from('torn'), hash: new Uint8Array(1) } })
    expect(await fatesOf(['d-0', 'new'])).toEqual(['duplicate', 'counted'])
    expect(stored()).toMatchObject({ lossy: false })
  })

  test('of a newer codec leave all as it is: the events are unfinished', async () => {
    const [segment] = await sealedCell()
    const whole = Buffer.from(bytesAt(segment.address))
    const newer = Buffer.from(whole)
    newer.writeUInt8(2, 4)
    newer.writeUInt32BE(crc32(newer.subarray(4)), 0)
    world.memory.put(segment.address, newer)
    const before = bytesAt(address)
    expect(await commit(['d-0', 'new'])).toMatchObject({
      fates: ['unfinished', 'unfinished'],
      failures: ['NewerCodecError'],
    })
    expect(trace().filter((request) => /create|replace/.test(request))).toEqual([])
    expect(bytesAt(address)).toEqual(before)
    expect(Buffer.compare(bytesAt(segment.address), newer)).toBe(0)
    world.memory.put(segment.address, whole)
    expect(await fatesOf(['d-0', 'new'])).toEqual(['duplicate', 'counted'])
  })
})

describe('the gate', () => {
  const closing: Step = { after: () => (world.time.nowMs = gateMs + 1) }
  const lastMoment: Step = { after: () => (world.time.nowMs = gateMs) }

  test.each([
    [lastMoment, 'counted', ['balanced', 'segment create', 'segment create', 'create']],
    [closing, 'expired', ['balanced']],
  ])('is tested before segments are written', async (step, fate, requests) => {
    world.store.script(step)
    expect(new Set(await fatesOf(named(6)))).toEqual(new Set([fate]))
    expect(trace()).toEqual(requests)
  })

  test.each([
    [lastMoment, 'counted', 'create'],
    [closing, 'expired', undefined],
  ])('and again before the head that names them', async (step, fate, swap) => {
    world.store.script('through', 'through', step)
    expect(new Set(await fatesOf(named(6)))).toEqual(new Set([fate]))
    expect(trace()[3]).toBe(swap)
    expect(world.memory.peek(address) !== undefined).toBe(fate === 'counted')
  })
})

/** Resolves when all that can go on by itself waits. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
