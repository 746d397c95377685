/** The generated messages hold an int64 as a number: the nearest one to the largest that still is an int64. */
const largestInt64Number = 2 ** 63 - 1024

/** The number that stands for a 64-bit integer in a message. */
export function int64Number(integer: bigint): number {
  return Math.min(Number(integer), largestInt64Number)
}
