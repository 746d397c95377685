/** A set of hashes: 8 bytes each, sorted, end to end; so equal sets are equal bytes. Never changed in place. */
export type SortedHashes = Uint8Array

/** 64 bits: among a thousand values, two share a hash with a chance of about 3 in 10^14. */
export const hashBytes = 8

/** All hashes of both; `large` itself where it has all of `small`. */
export function unionOfHashes(large: SortedHashes, small: SortedHashes): SortedHashes {
  const added: (readonly [at: number, from: number])[] = []
  for (let from = 0; from < small.length; from += hashBytes) {
    const at = lowerBound(large, small, from)
    if (at === large.length || compareHashes(large, at, small, from) !== 0) added.push([at, from])
  }
  if (added.length === 0) return large

  const union = new Uint8Array(large.length + added.length * hashBytes)
  let copied = 0
  for (const [index, [at, from]] of added.entries()) {
    union.set(large.subarray(copied, at), copied + index * hashBytes)
    union.set(small.subarray(from, from + hashBytes), at + index * hashBytes)
    copied = at
  }
  union.set(large.subarray(copied), copied + added.length * hashBytes)
  return union
}

/** Where the first hash is that does not come before this one, or the end. */
function lowerBound(hashes: SortedHashes, other: SortedHashes, from: number): number {
  let low = 0
  let high = hashes.length / hashBytes
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareHashes(hashes, middle * hashBytes, other, from) < 0) low = middle + 1
    else high = middle
  }
  return low * hashBytes
}

function compareHashes(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  for (let index = 0; index < hashBytes; index++) {
    const difference = (a[atA + index] ?? 0) - (b[atB + index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
