/**
 * Counts of signed bins. The bin of a magnitude has the number 2 x magnitude bin, and 1 more where values are negative;
 * zero is bin 0. Bins that are not empty follow each other from the highest number down: how far below the one before
 * (the first: its number), then the count, both LEB128. So equal counts are equal bytes. Never changed in place.
 */
export type PackedBins = Uint8Array

/** A bin and how many values it has. */
export type BinCount = readonly [bin: number, count: number]

/** Where magnitudes are at most 2^20 bins, a gap takes at most this. */
export const maximumGapBytes = 3
/** Merged bins take no more bytes than both did and this: the second first bin, the lowest, and zero get new gaps. */
const newGapBytes = 4 * maximumGapBytes
/** LEB128 has 7 bits of a number in each byte. */
const digitBase = 128

/** A place in packed bins that are read or written. */
interface Cursor {
  readonly bytes: Uint8Array
  at: number
  /** The bin before `at`: 0 before the first, and -1 after the last that was read. */
  bin: number
  /** Its count: 0 before the first. */
  count: number
}

/** One value, in this bin. */
export function oneBin(bin: number): PackedBins {
  const cursor = startOf(new Uint8Array(maximumGapBytes + 1))
  writeBin(cursor, bin, 1)
  return cursor.bytes.slice(0, cursor.at)
}

/** The bins with their counts, from the highest number down. */
export function unpackBins(bins: PackedBins): readonly BinCount[] {
  const list: BinCount[] = []
  const cursor = startOf(bins)
  for (readBin(cursor); cursor.bin >= 0; readBin(cursor)) list.push([cursor.bin, cursor.count])
  return list
}

/**
 * The counts of both. Magnitude bins are kept from the highest of either sign down, `maximumBins` of them; what lies
 * lower, except zero, is added to the lowest of its sign. So what is kept depends on the highest magnitude alone, and not
 * on the order in which values came.
 */
export function mergeBins(packedA: PackedBins, packedB: PackedBins, maximumBins: number): PackedBins {
  const raised = raiseCount(packedA, packedB) ?? raiseCount(packedB, packedA)
  if (raised !== undefined) return raised
  const a = startOf(packedA)
  const b = startOf(packedB)
  readBin(a)
  readBin(b)
  const lowest = (Math.max(a.bin, b.bin) >>> 1) - maximumBins + 1
  const merged = startOf(Buffer.allocUnsafe(packedA.length + packedB.length + newGapBytes))
  let lowNegatives = 0
  let lowPositives = 0
  let zeros = 0
  while (a.bin >= 0 || b.bin >= 0) {
    const bin = Math.max(a.bin, b.bin)
    const count = takeCount(a, bin) + takeCount(b, bin)
    if (bin === 0) zeros = count
    else if (bin >>> 1 > lowest) writeBin(merged, bin, count)
    else if (bin % 2 === 1) lowNegatives += count
    else lowPositives += count
  }
  if (lowNegatives > 0) writeBin(merged, 2 * lowest + 1, lowNegatives)
  if (lowPositives > 0) writeBin(merged, 2 * lowest, lowPositives)
  if (zeros > 0) writeBin(merged, 0, zeros)
  // A copy: a view would keep a whole pool of buffers in memory for as long as the state lives.
  return new Uint8Array(merged.bytes.subarray(0, merged.at))
}

/**
 * The counts of both where `single` is one bin that `bins` has too, and the sum of its counts changes one byte: nearly
 * always when an event is added to a group of many, and then about three times as fast.
 */
function raiseCount(bins: PackedBins, single: PackedBins): PackedBins | undefined {
  if (single.length > maximumGapBytes + 1 || single.length > bins.length) return undefined
  const added = startOf(single)
  readBin(added)
  if (added.at < single.length || added.count >= digitBase) return undefined
  const cursor = startOf(bins)
  let countAt = 0
  do {
    countAt = readBin(cursor)
  } while (cursor.bin > added.bin)
  const digit = bins[countAt] ?? 0
  if (cursor.bin !== added.bin || (digit % digitBase) + added.count >= digitBase) return undefined
  const raised = new Uint8Array(bins)
  raised[countAt] = digit + added.count
  return raised
}

function startOf(bytes: Uint8Array): Cursor {
  return { bytes, at: 0, bin: 0, count: 0 }
}

/** The count of `bin` if the cursor is there, and then it moves on; else 0. */
function takeCount(cursor: Cursor, bin: number): number {
  if (cursor.bin !== bin) return 0
  const { count } = cursor
  readBin(cursor)
  return count
}

/** Where the count was read. */
function readBin(cursor: Cursor): number {
  if (cursor.at >= cursor.bytes.length) {
    cursor.bin = -1
    return cursor.at
  }
  const number = readNumber(cursor)
  const countAt = cursor.at
  cursor.bin = cursor.count === 0 ? number : cursor.bin - number
  cursor.count = readNumber(cursor)
  return countAt
}

function writeBin(cursor: Cursor, bin: number, count: number): void {
  writeNumber(cursor, cursor.count === 0 ? bin : cursor.bin - bin)
  writeNumber(cursor, count)
  cursor.bin = bin
  cursor.count = count
}

// Divided, not shifted: counts may pass 32 bits.
function readNumber(cursor: Cursor): number {
  let digit = cursor.bytes[cursor.at++] ?? 0
  if (digit < digitBase) return digit
  let number = digit - digitBase
  for (let scale = digitBase; digit >= digitBase; scale *= digitBase) {
    digit = cursor.bytes[cursor.at++] ?? 0
    number += (digit % digitBase) * scale
  }
  return number
}

function writeNumber(cursor: Cursor, number: number): void {
  let rest = number
  for (; rest >= digitBase; rest = Math.floor(rest / digitBase)) {
    cursor.bytes[cursor.at++] = digitBase + (rest % digitBase)
  }
  cursor.bytes[cursor.at++] = rest
}
