import type { Mutant } from './mutant.ts'

/** How segments are written, named, and read again. */
export const segmentMutants: readonly Mutant[] = [
  {
    name: 'head before segment',
    file: 'segments.ts',
    find: `await requests.write(async (store) => {`,
    replace: `const make = async (write: unknown): Promise<void> => {
        void clock
          .sleep(30)
          .then(() => requests.write(write))
          .catch(() => undefined)
      }
      await make(async (store) => {`,
    breaks: 'no id is there twice',
    diesAt: 1,
  },
  {
    name: 'segment not awaited',
    file: 'segments.ts',
    find: `await requests.write(async (store) => {`,
    replace: `const make = async (write: unknown): Promise<void> => {
        requests.write(write).catch(() => undefined)
      }
      await make(async (store) => {`,
    breaks: 'no id is there twice',
    diesAt: 1,
  },
  {
    name: 'segment’s failure taken as written',
    file: 'segments.ts',
    find: `store.createIfAbsent(address, bytes, ttlSeconds)`,
    replace: `store.createIfAbsent(address, bytes, ttlSeconds).catch(() => bytes)`,
    breaks: 'a segment is acknowledged before its head is swapped',
    diesAt: 1,
  },
  {
    name: 'sealing without naming it',
    file: 'segments.ts',
    find: `  cell.segments = [...cell.segments, ...sealed]\n`,
    replace: '',
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 1,
  },
  {
    name: 'earlier segments forgotten',
    file: 'segments.ts',
    find: `[...cell.segments, ...sealed]`,
    replace: `sealed`,
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 1,
  },
  {
    name: 'sealed ids stay active',
    file: 'segments.ts',
    find: `  cell.active = new IdSet()\n`,
    replace: '',
    breaks: 'no id is there twice',
    diesAt: 1,
  },
  {
    name: 'missing segment ignored',
    file: 'segments.ts',
    find: `present.length === segments.length ? present : undefined`,
    replace: `present`,
    breaks: 'no id is there twice',
    diesAt: 1,
  },
  {
    name: 'missing segment not confirmed',
    file: 'segments.ts',
    find: `(await look(false)) ?? (await look(true))`,
    replace: `await look(false)`,
    breaks: 'no event goes from its cell',
    diesAt: 31,
  },
  {
    name: 'one segment checked, and the others believed',
    file: 'segments.ts',
    find: `    if (ids === undefined) isLost = true
    loaded[index] = ids`,
    replace: `    loaded[index] = ids ?? (index > 0 ? new IdSet() : undefined)`,
    breaks: 'no id is there twice',
    diesAt: 2,
  },
  {
    name: 'segments read balanced',
    file: 'segments.ts',
    find: `store.read(segment.address, 'consistent')`,
    replace: `store.read(segment.address, 'balanced')`,
    breaks: 'a loss is reported only where there may have been one',
    diesAt: 8,
  },
  {
    name: 'a damaged segment taken for an empty one',
    file: 'segments.ts',
    find: `if (error instanceof DamagedBytesError) return undefined`,
    replace: `if (error instanceof DamagedBytesError) return new IdSet()`,
    breaks: 'no id is there twice',
    diesAt: 52,
  },
  {
    name: 'segment name reused over attempts',
    file: 'segments.ts',
    find: `    const address = segmentAddress(cellAddress, random.bytes(nonceBytes))
    const bytes = encodeSegment(address, packed)
    const startedAtMs = clock.nowMs()
    const ttlSeconds = segmentTtlSeconds(expiryMs, startedAtMs)
    try {
      await requests.write(async (store) => {
        const hash = await store.createIfAbsent(address, bytes, ttlSeconds)
        if (hash === undefined) throw new StoreError('a fresh name was taken', { code: 'name-taken' })
      })`,
    replace: `    const address = segmentAddress(cellAddress, packed.slice(0, nonceBytes))
    const bytes = encodeSegment(address, packed)
    const startedAtMs = clock.nowMs()
    const ttlSeconds = segmentTtlSeconds(expiryMs, startedAtMs)
    try {
      await requests.write((store) => store.createIfAbsent(address, bytes, ttlSeconds))`,
    breaks: 'a segment is acknowledged before its head is swapped',
    diesAt: 1,
  },
  {
    name: 'segment’s time to live as its head’s',
    file: 'windows.ts',
    find: `(expiryMs + segmentSlackMs - nowMs)`,
    replace: `(expiryMs - nowMs)`,
    breaks: 'the time to live ends with the pane',
    diesAt: 1,
  },
  {
    name: 'warm segments trusted for ever',
    file: 'warm-cells.ts',
    find: `if (ageMs < 0 || ageMs >= segmentTrustMs) return`,
    replace: `if (ageMs < 0) return`,
    breaks: 'a replay repairs a loss',
    diesAt: 1,
  },
  {
    name: 'a warm segment’s trust renewed by its use',
    file: 'warm-cells.ts',
    find: `    this.#add(address, copy)
    return copy.ids`,
    replace: `    this.#add(address, { ...copy, provedAtMs: nowMs })
    return copy.ids`,
    breaks: 'a replay repairs a loss',
    diesAt: 575,
  },
]
