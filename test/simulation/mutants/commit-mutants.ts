import type { Mutant } from './mutant.ts'

/** How a cell is read, folded into, and swapped. */
export const commitMutants: readonly Mutant[] = [
  {
    name: 'no dedupe inside a batch',
    file: 'commit.ts',
    find: `  return events.map((event, index) => {
    if (isSealed[index] === 1) return 'duplicate'
    const result = fold(pipeline, cell, event, limits)`,
    replace: `  const held = new Set([...cell.active].map(String))
  return events.map((event, index) => {
    if (isSealed[index] === 1 || held.has(String(event.id))) return 'duplicate'
    const { active } = cell
    cell.active = new active.constructor()
    const result = fold(pipeline, cell, event, limits)
    for (const id of cell.active) active.add(id)
    cell.active = active`,
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 0,
  },
  {
    name: 'no filtering after a failed swap',
    file: 'commit.ts',
    find: `  const fates = foldNew(part, cell, sealed ?? [], limits)`,
    replace: `  const held = cell.active
  if (attempt > 1) cell.active = new held.constructor()
  const fates = foldNew(part, cell, attempt > 1 ? [] : (sealed ?? []), limits)
  if (attempt > 1) for (const id of held) cell.active.add(id)`,
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 0,
  },
  {
    name: 'no filtering by the segments',
    file: 'commit.ts',
    find: `foldNew(part, cell, sealed ?? [], limits)`,
    replace: `foldNew(part, cell, [], limits)`,
    breaks: 'no id is there twice',
    diesAt: 1,
  },
  {
    name: 'blind set instead of compare-and-set',
    file: 'commit.ts',
    find: `  const { hash: baseHash } = base`,
    replace: `  const now = await requests.read((store) => store.read(address, 'consistent'))
  const baseHash = base.hash === undefined ? undefined : (now?.hash ?? base.hash)`,
    breaks: 'a change is the next version',
    diesAt: 0,
  },
  {
    name: 'absent or equal instead of present and equal',
    file: 'commit.ts',
    find: `      : store.replaceIfEqual(address, bytes, baseHash, ttlSeconds),
  )`,
    replace: `      : store.replaceIfEqual(address, bytes, baseHash, ttlSeconds),
  ) ?? (await requests.write((store) =>
    store.createIfAbsent(address, bytes, headTtlSeconds(expiryMs, clock.nowMs())),
  ))`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 23,
  },
  {
    name: 'time-out taken as stored',
    file: 'commit.ts',
    find: `      : store.replaceIfEqual(address, bytes, baseHash, ttlSeconds),
  )`,
    replace: `      : store.replaceIfEqual(address, bytes, baseHash, ttlSeconds),
  ).catch((error: unknown) => {
    if (storeFailureCode(error) === undefined) throw error
    return new Uint8Array(32)
  })`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 0,
  },
  {
    name: 'refusal taken as stored',
    file: 'commit.ts',
    find: `  if (hash === undefined) return 'refused'`,
    replace: `  if (hash === undefined) return fates`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 0,
  },
  {
    name: 'warm union of ids',
    file: 'commit.ts',
    find: `  const fates = foldNew(part, cell, sealed ?? [], limits)`,
    replace: `  const union = (warm.union ??= new Set())
  for (const ids of [cell.active, ...(sealed ?? [])]) for (const id of ids) union.add(String(id))
  const seen = { mark: (ids, isHeld) => ids.forEach((id, at) => { if (union.has(String(id))) isHeld[at] = 1 }) }
  const fates = foldNew(part, cell, [...(sealed ?? []), seen], limits)`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 0,
  },
  {
    name: 'nothing new answered from a warm copy, without a swap',
    file: 'commit.ts',
    find: `  const expiryMs = paneExpiryMs(part.paneStartMs, pipeline)`,
    replace: `  if (!isChanged && copy !== undefined) return fates
  const expiryMs = paneExpiryMs(part.paneStartMs, pipeline)`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 0,
  },
  {
    name: 'nothing new answered by a balanced read, without a swap',
    file: 'commit.ts',
    find: `  const expiryMs = paneExpiryMs(part.paneStartMs, pipeline)`,
    replace: `  if (!isChanged && copy === undefined && attempt === 1 && !warm.isContested(address)) return fates
  const expiryMs = paneExpiryMs(part.paneStartMs, pipeline)`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 0,
  },
  {
    name: 'restart after a lost segment not lossy',
    file: 'commit.ts',
    find: `cell.lossy ||= contradictsMemory(cell, warm)`,
    replace: `cell.lossy = base.cell.lossy || contradictsMemory(base.cell, warm)`,
    breaks: 'a cell that was lost is lossy',
    diesAt: 1,
  },
  {
    name: 'restart after damage not lossy',
    file: 'base.ts',
    find: `return { cell: created(true), hash: stored.hash }`,
    replace: `return { cell: created(false), hash: stored.hash }`,
    breaks: 'a cell that was damaged is lossy',
    diesAt: 26,
  },
  {
    name: 'memory not asked',
    file: 'commit.ts',
    find: `  cell.lossy ||= contradictsMemory(cell, warm)\n`,
    replace: '',
    breaks: 'a loss that an instance can see is reported',
    diesAt: 0,
  },
  {
    name: 'lossy judged in the first attempt only',
    file: 'commit.ts',
    find: `cell.lossy ||= contradictsMemory(cell, warm)`,
    replace: `cell.lossy ||= attempt === 1 && contradictsMemory(cell, warm)`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 0,
  },
  {
    name: 'lossy kept over attempts',
    file: 'commit.ts',
    find: `cell.lossy ||= contradictsMemory(cell, warm)`,
    replace: `cell.lossy ||= part.wasLossy ||= contradictsMemory(cell, warm)`,
    breaks: 'a loss is reported only where there may have been one',
    diesAt: 48,
  },
  {
    name: 'lossy alone changes nothing',
    file: 'commit.ts',
    find: `isRestart || isNew || cell.lossy !== wasLossy`,
    replace: `isRestart || isNew`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 34,
  },
  {
    name: 'a miss contradicts nothing',
    file: 'base.ts',
    find: `  if (memory === undefined) return false
  if (`,
    replace: `  if (memory === undefined || version === 0) return false
  if (`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 9,
  },
  {
    name: 'another incarnation contradicts nothing',
    file: 'base.ts',
    find: `!sameBytes(memory.incarnation, incarnation) || version < memory.version`,
    replace: `version < memory.version`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 58,
  },
  {
    name: 'an older version contradicts nothing',
    file: 'base.ts',
    find: ` || version < memory.version) return true`,
    replace: `) return true`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 0,
  },
  {
    name: 'another content of the same version contradicts nothing',
    file: 'base.ts',
    find: `  return version === memory.version && !sameBytes(memory.nonce, nonce)`,
    replace: `  return false`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 0,
  },
  {
    name: 'a good read not remembered',
    file: 'base.ts',
    find: `  if (base.bytes !== undefined && !contradictsMemory(base.cell, warm)) warm.remember(base.cell)\n`,
    replace: '',
    breaks: 'a loss that an instance can see is reported',
    diesAt: 9,
  },
  {
    name: 'a read that contradicts remembered',
    file: 'base.ts',
    find: `base.bytes !== undefined && !contradictsMemory(base.cell, warm)`,
    replace: `base.bytes !== undefined`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 0,
  },
  {
    name: 'damage not confirmed',
    file: 'base.ts',
    find: `  if (isDamaged) {
`,
    replace: `  if (isDamaged && base.hash === undefined) {
`,
    breaks: 'no event goes from its cell',
    diesAt: 31,
  },
  {
    name: 'damage in a balanced read believed',
    file: 'base.ts',
    find: `  if (isDamaged && !isConsistent) throw new DamagedBytesError('a balanced read met damaged bytes')
`,
    replace: ``,
    breaks: 'no event goes from its cell',
    diesAt: 170,
  },
  {
    name: 'never read consistently',
    file: 'commit.ts',
    find: `attempt > 1 || warm.isContested(address)`,
    replace: `false`,
    breaks: 'with faults off every lane drains',
    diesAt: 28,
  },
  {
    name: 'a newer release’s bytes taken for damage',
    file: 'base.ts',
    find: `if (error instanceof DamagedBytesError) return`,
    replace: `if (error instanceof Error) return`,
    breaks: 'a loss is reported only where there may have been one',
    diesAt: 0,
  },
  {
    name: 'the same version after a change',
    file: 'commit.ts',
    find: `    cell.version++\n`,
    replace: '',
    breaks: 'a change is the next version',
    diesAt: 0,
  },
  {
    name: 'the same nonce after a change',
    file: 'commit.ts',
    find: `    cell.nonce = random.bytes(nonceBytes)\n`,
    replace: '',
    breaks: 'a change has a fresh nonce',
    diesAt: 0,
  },
  {
    name: 'one incarnation for all',
    file: 'base.ts',
    find: `emptyCell(pipeline, address, random.bytes(nonceBytes), lossy)`,
    replace: `emptyCell(pipeline, address, new Uint8Array(nonceBytes), lossy)`,
    breaks: 'a change is the next version',
    diesAt: 154,
  },
  {
    name: 'warm copy handed out and kept',
    file: 'warm-cells.ts',
    find: `    const copy = this.#drop(address)
    return copy !== undefined && 'cell' in copy ? copy : undefined`,
    replace: `    const copy = this.#copies.get(address)
    return copy !== undefined && 'cell' in copy ? copy : undefined`,
    breaks: 'what is acknowledged is stored, or rejected and written',
    diesAt: 85,
  },
  {
    name: 'memory goes back with a zombie',
    file: 'warm-cells.ts',
    find: `isOlder ? known : { incarnation, version, nonce }`,
    replace: `{ incarnation, version, nonce }`,
    breaks: 'a loss that an instance can see is reported',
    diesAt: 1768,
  },
  {
    name: 'a swap not remembered',
    file: 'warm-cells.ts',
    find: `    this.remember(copy.cell)\n`,
    replace: '',
    breaks: 'a loss that an instance can see is reported',
    diesAt: 21,
  },
  {
    name: 'swap kept under the old hash',
    file: 'commit.ts',
    find: `warm.keep({ cell, bytes, hash })`,
    replace: `warm.keep({ cell, bytes, hash: baseHash ?? hash })`,
    breaks: 'a change is the next version',
    diesAt: 49,
  },
  {
    name: 'no expiry gate',
    file: 'requests.ts',
    find: `return this.#ports.clock.nowMs() > this.#gateMs`,
    replace: `return false`,
    breaks: 'nothing is written past the gate',
    diesAt: 4,
  },
  {
    name: 'no gate before the swap',
    file: 'commit.ts',
    find: `const hash = await requests.write((store) =>`,
    replace: `const hash = await requests.read((store) =>`,
    breaks: 'nothing is written past the gate',
    diesAt: 275,
  },
  {
    name: 'no gate before sealing',
    file: 'segments.ts',
    find: `await requests.write(async (store) => {`,
    replace: `await requests.read(async (store) => {`,
    breaks: 'nothing is written past the gate',
    diesAt: 214,
  },
  {
    name: 'time to live relative instead of absolute',
    file: 'commit.ts',
    find: `headTtlSeconds(expiryMs, clock.nowMs())`,
    replace: `headTtlSeconds(expiryMs, part.paneStartMs)`,
    breaks: 'the time to live ends with the pane',
    diesAt: 0,
  },
  {
    name: 'over-cap rejected without a swap',
    file: 'commit.ts',
    find: `  const isNew = fates.includes('counted')`,
    replace: `  if (fates.every((fate) => fate === 'over-cap')) return fates
  const isNew = fates.includes('counted')`,
    breaks: 'nothing is over a cap of a state that was not stored',
    diesAt: 9,
  },
]
