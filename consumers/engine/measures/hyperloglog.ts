import { hashBytes, type SortedHashes } from './sorted-hashes.ts'

/**
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) over 64-bit hashes: 2^precision registers, each with the highest
 * rank seen among the hashes that begin with its index. Registers take 6 bits, packed from the lowest bit up, so equal
 * sets of hashes are equal bytes. Never changed in place.
 */
export type Registers = Uint8Array

const registerBits = 6
const highestRegister = 2 ** registerBits - 1
const wordBits = 32
const hashBits = hashBytes * 8

/** Bytes of all registers of this precision. */
export function registerBytes(precision: number): number {
  return (2 ** precision * registerBits) / 8
}

/** The registers that have seen these hashes too; the very registers where that changes none of them. */
export function addHashes(registers: Registers, hashes: SortedHashes, precision: number): Registers {
  let result = registers
  for (let from = 0; from < hashes.length; from += hashBytes) {
    const high = wordAt(hashes, from)
    const index = high >>> (wordBits - precision)
    const rank = rankOf(high << precision, wordAt(hashes, from + 4), precision)
    if (rank <= registerAt(result, index)) continue
    if (result === registers) result = registers.slice()
    setRegister(result, index, rank)
  }
  return result
}

/** The registers that have seen what either has; `a` itself where it has all that `b` has. */
export function mergeRegisters(a: Registers, b: Registers, precision: number): Registers {
  let result = a
  for (let index = 0; index < 2 ** precision; index++) {
    const rank = registerAt(b, index)
    if (rank <= registerAt(result, index)) continue
    if (result === a) result = a.slice()
    setRegister(result, index, rank)
  }
  return result
}

/**
 * How many distinct hashes the registers have seen, with a standard error of 1.04 / sqrt(2^precision) over the whole
 * range. Source: the improved raw estimator of O. Ertl, New cardinality estimation algorithms for HyperLogLog sketches
 * (arXiv:1702.01284), algorithm 6; it needs no tables of biases and no switch between estimators.
 */
export function estimate(registers: Registers, precision: number): number {
  const count = 2 ** precision
  const highestRank = hashBits - precision + 1
  const histogram = Array.from({ length: highestRegister + 1 }, () => 0)
  for (let index = 0; index < count; index++) {
    const rank = registerAt(registers, index)
    histogram[rank] = (histogram[rank] ?? 0) + 1
  }
  let z = count * tau(1 - (histogram[highestRank] ?? 0) / count)
  for (let rank = highestRank - 1; rank >= 1; rank--) z = (z + (histogram[rank] ?? 0)) / 2
  z += count * sigma((histogram[0] ?? 0) / count)
  return (count * count) / (2 * Math.LN2 * z)
}

/** x + sum of x^(2^k) 2^(k-1) over k from 1. The power falls so fast that some 20 rounds change nothing any more. */
function sigma(x: number): number {
  if (x === 1) return Infinity
  let power = x
  let weight = 1
  let sum = x
  for (let previous = -1; sum !== previous; weight *= 2) {
    power *= power
    previous = sum
    sum += power * weight
  }
  return sum
}

/** (1 - x - sum of (1 - x^(2^-k))^2 2^-k over k from 1) / 3. Each round adds an eighth of the last: some 20 rounds. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let root = x
  let weight = 1
  let sum = 1 - x
  for (let previous = -1; sum !== previous;) {
    root = Math.sqrt(root)
    weight /= 2
    previous = sum
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}

/** 1 and the zeros before the first 1 in what follows the index: of `high`, shifted already, and of `low`. */
function rankOf(high: number, low: number, precision: number): number {
  return 1 + (high === 0 ? wordBits - precision + Math.clz32(low) : Math.clz32(high))
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = [
    bytes[at],
    bytes[at + 1],
    bytes[at + 2],
    bytes[at + 3],
  ]
  return ((first << 24) | (second << 16) | (third << 8) | fourth) >>> 0
}

function registerAt(registers: Registers, index: number): number {
  const bit = index * registerBits
  const pair = (registers[bit >>> 3] ?? 0) | ((registers[(bit >>> 3) + 1] ?? 0) << 8)
  return (pair >>> (bit & 7)) & highestRegister
}

function setRegister(registers: Uint8Array, index: number, rank: number): void {
  const bit = index * registerBits
  const at = bit >>> 3
  const shift = bit & 7
  const pair = (registers[at] ?? 0) | ((registers[at + 1] ?? 0) << 8)
  const changed = (pair & ~(highestRegister << shift)) | (rank << shift)
  registers[at] = changed
  // The last register ends with the last byte.
  if (at + 1 < registers.length) registers[at + 1] = changed >>> 8
}
