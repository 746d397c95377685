/** How often the fullest part may hold more than is said. */
const missProbability = 0.01
const bisections = 50

/**
 * The share of all records that the fullest of `parts` gets at most, in 99 of 100 streams, when keys are dealt to the
 * parts by a hash and none has more than `busiestKeyShare` of the records.
 *
 * The number of keys in one part is binomial with the mean m = keys / parts, so it reaches k with a probability of
 * at most e^-m (e m / k)^k (Chernoff's bound); k is chosen so that all parts together do so once in a hundred times.
 * Source: Mitzenmacher and Upfal, "Probability and Computing", theorem 4.4 and section 5.2 (balls into bins).
 */
export function fullestShare(parts: number, busiestKeyShare: number): number {
  if (parts === 1) return 1
  const keys = 1 / busiestKeyShare
  const mean = keys / parts
  const exponent = Math.log(parts / missProbability)
  const isRare = (count: number): boolean => count * Math.log(count / mean) - count + mean >= exponent
  let [low, high] = [mean, keys]
  if (!isRare(high)) return 1
  for (let step = 0; step < bisections; step += 1) {
    const middle = (low + high) / 2
    if (isRare(middle)) high = middle
    else low = middle
  }
  return Math.min(1, Math.max(high, 1) * busiestKeyShare)
}
