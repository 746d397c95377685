import { StorageError } from '../storage-error.ts'
import { SortedSet } from './sorted-set.ts'

/** How the weighted scores that a value has in several sources become one. */
export type Aggregate = 'sum' | 'min' | 'max'

/** A sorted set to unite, or none where there is none under its name, and the factor of its scores. */
export interface UnionSource {
  readonly set: SortedSet | undefined
  readonly weight: number
}

const aggregates: Readonly<Record<Aggregate, (left: number, right: number) => number>> = {
  sum: (left, right) => left + right,
  min: Math.min,
  max: Math.max,
}

/**
 * The values of all sources, with their aggregated weighted scores. Throws a StorageError for no source at all, and for a
 * weight or a sum that is NaN.
 */
export function unionOf(sources: readonly UnionSource[], aggregate: Aggregate): SortedSet {
  if (sources.length === 0) throw new StorageError('invalidArgument', 'a union needs at least one source')
  const combine = aggregates[aggregate]
  const scores = new Map<string, number>()
  for (const { set, weight } of sources) {
    for (const { name, score } of set?.elements() ?? []) {
      const weighted = score * weight
      const before = scores.get(name)
      scores.set(name, before === undefined ? weighted : combine(before, weighted))
    }
  }
  const union = new SortedSet()
  for (const [name, score] of scores) union.putNamed(name, score)
  return union
}
