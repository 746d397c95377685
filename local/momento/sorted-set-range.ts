import { cache } from '@gomomento/generated-types'
import type { ScoredElement } from './items/ranked-order.ts'
import type { Order, ScoreRange, SortedSet } from './items/sorted-set.ts'
import { invalidRequest } from './rpc-error.ts'

const { DESCENDING } = cache.cache_client._SortedSetFetchRequest.Order

/** The elements that a fetch asks for, by rank or by score, in its order. */
export function fetchedElements(
  set: SortedSet,
  request: cache.cache_client._SortedSetFetchRequest,
): readonly ScoredElement[] {
  const order: Order = request.order === DESCENDING ? 'descending' : 'ascending'
  if (request.range === 'by_index') {
    const { start, inclusive_start_index, end, exclusive_end_index } = request.by_index
    return set.byRank(
      order,
      start === 'inclusive_start_index' ? inclusive_start_index : undefined,
      end === 'exclusive_end_index' ? exclusive_end_index : undefined,
    )
  }
  if (request.range === 'by_score') {
    const { min, min_score, max, max_score, offset, count } = request.by_score
    const range = {
      min: min === 'min_score' ? min_score : undefined,
      max: max === 'max_score' ? max_score : undefined,
    }
    return set.byScore(order, range, offset, count)
  }
  throw invalidRequest('the request has no range')
}

/** The scores that a count by score asks for. */
export function countedScores(request: cache.cache_client._SortedSetLengthByScoreRequest): ScoreRange {
  const { min, inclusive_min, exclusive_min, max, inclusive_max, exclusive_max } = request
  return {
    min:
      min === 'inclusive_min'
        ? { score: inclusive_min, exclusive: false }
        : min === 'exclusive_min'
          ? { score: exclusive_min, exclusive: true }
          : undefined,
    max:
      max === 'inclusive_max'
        ? { score: inclusive_max, exclusive: false }
        : max === 'exclusive_max'
          ? { score: exclusive_max, exclusive: true }
          : undefined,
  }
}
