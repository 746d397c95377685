import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addHashes,
  estimate,
  mergeRegisters,
  registerBytes,
} from '../../../../consumers/engine/measures/hyperloglog.ts'

const precision = fc.integer({ min: 4, max: 8 })
const hashBits = 64
/** Long runs of zeros are rare in hashes and must be right all the same. */
const hash = fc
  .tuple(fc.nat(255), fc.nat(hashBits - 8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
  .map(([first, zeros, rest]) => (BigInt(first) << 56n) | ((rest & (2n ** 56n - 1n)) >> BigInt(zeros)))
const hashes = fc.array(hash, { maxLength: 40 })

function bytesOf(list: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(list.length * 8)
  for (const [index, each] of list.entries()) bytes.writeBigUInt64BE(each, index * 8)
  return bytes
}

function registersOf(list: readonly bigint[], ofPrecision: number): Uint8Array {
  return addHashes(new Uint8Array(registerBytes(ofPrecision)), bytesOf(list), ofPrecision)
}

/** The same by texts of bits. */
function naiveRegisters(list: readonly bigint[], ofPrecision: number): Uint8Array {
  const ranks = Array.from({ length: 2 ** ofPrecision }, () => 0)
  for (const each of list) {
    const bits = each.toString(2).padStart(hashBits, '0')
    const index = Number.parseInt(bits.slice(0, ofPrecision), 2)
    const rank = `${bits.slice(ofPrecision)}1`.indexOf('1') + 1
    ranks[index] = Math.max(ranks[index] ?? 0, rank)
  }
  const packed = ranks.toReversed().reduce((bits, rank) => (bits << 6n) | BigInt(rank), 0n)
  const hex = packed.toString(16).padStart(registerBytes(ofPrecision) * 2, '0')
  return Uint8Array.from(Buffer.from(hex, 'hex')).toReversed()
}

describe('the registers of HyperLogLog', () => {
  test('hold the highest rank of each index, packed', () => {
    fc.assert(
      fc.property(precision, hashes, (p, list) => {
        expect(registersOf(list, p)).toEqual(naiveRegisters(list, p))
      }),
    )
  })

  test('of a hash of nothing but zeros, hold the highest rank there is', () => {
    for (const p of [4, 12, 16]) {
      const [first = 0] = registersOf([0n], p)
      expect(first & 63).toBe(hashBits - p + 1)
    }
  })

  test('merged, are those of all hashes', () => {
    fc.assert(
      fc.property(precision, hashes, hashes, (p, a, b) => {
        expect(mergeRegisters(registersOf(a, p), registersOf(b, p), p)).toEqual(registersOf([...a, ...b], p))
      }),
    )
  })

  test('are the very same where nothing is new, and copies where something is', () => {
    const p = 4
    const registers = registersOf([1n, 2n ** 63n], p)
    const before = registers.slice()
    expect(addHashes(registers, bytesOf([1n]), p)).toBe(registers)
    expect(mergeRegisters(registers, registersOf([1n], p), p)).toBe(registers)
    expect(addHashes(registers, bytesOf([2n ** 62n]), p)).not.toBe(registers)
    expect(mergeRegisters(registers, registersOf([2n ** 62n], p), p)).not.toBe(registers)
    expect(registers).toEqual(before)
  })
})

describe('the estimate', () => {
  test('of no hashes is zero', () => {
    expect(estimate(new Uint8Array(registerBytes(12)), 12)).toBe(0)
  })

  test('of as many hashes as fill every register to the same rank is the one that the formula gives', () => {
    const p = 6
    for (const rank of [5, 20, 50]) {
      const list = Array.from(
        { length: 2 ** p },
        (_, index) => (BigInt(index) << 58n) | (1n << BigInt(58 - rank)),
      )
      expect(estimate(registersOf(list, p), p)).toBeCloseTo((2 ** p * 2 ** rank) / (2 * Math.LN2), -rank / 4)
    }
  })

  test('stays that of the formula where ranks are the highest that there are', () => {
    const p = 4
    const count = 2 ** p
    const highest = hashBits - p + 1
    // Every second register has the highest rank, the others the one below.
    const list = Array.from({ length: count }, (_, index) => (BigInt(index) << 60n) | BigInt(index % 2))
    const share = 0.5
    let tau = 1 - share
    for (let k = 1; k < 60; k++) tau -= (1 - share ** (2 ** -k)) ** 2 * 2 ** -k
    const z = (count * (tau / 3)) / 2 ** (highest - 1) + count / 2 / 2 ** (highest - 1)
    const expected = count ** 2 / (2 * Math.LN2 * z)
    expect(estimate(registersOf(list, p), p) / expected).toBeCloseTo(1, 9)
  })
})
