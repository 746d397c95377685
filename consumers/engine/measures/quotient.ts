/** Bits enough that the last one, which stands for all that is cut off, is below those that a double rounds by. */
const leastBits = 66

/**
 * The double nearest to a fraction of whole numbers, rounded once and ties to even, for all that lie within the normal
 * doubles. `denominator` is above zero.
 */
export function quotient(numerator: bigint, denominator: bigint): number {
  const sign = numerator < 0n ? -1 : 1
  const size = numerator < 0n ? -numerator : numerator
  const shift = Math.max(0, leastBits - atLeastBits(size) + atMostBits(denominator))
  const scaled = size << BigInt(shift)
  const whole = scaled / denominator
  const rest = whole * denominator === scaled ? 0n : 1n
  return (sign * Number(whole | rest)) / 2 ** shift
}

function atMostBits(value: bigint): number {
  return value.toString(16).length * 4
}

function atLeastBits(value: bigint): number {
  return atMostBits(value) - 3
}
