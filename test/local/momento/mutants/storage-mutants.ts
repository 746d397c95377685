import type { Mutant } from './mutant.ts'

/** What is easy to get wrong of times to live. */
const ofTime: readonly Mutant[] = [
  {
    name: 'an item lives on at the moment of its expiry',
    file: 'storage.ts',
    find: 'item.expiresAtMs > nowMs) return item',
    replace: 'item.expiresAtMs >= nowMs) return item',
  },
  {
    name: 'the fraction of the remaining time is lost',
    file: 'storage.ts',
    find: 'return item && item.expiresAtMs - nowMs',
    replace: 'return item && Math.ceil(item.expiresAtMs - nowMs)',
  },
  {
    name: 'an increase shortens',
    file: 'storage.ts',
    find: "if (update === 'increase' && ttlMs <= remainingTtlMs) return 'notSet'",
    replace: '',
  },
  {
    name: 'a decrease lengthens',
    file: 'storage.ts',
    find: "if (update === 'decrease' && ttlMs >= remainingTtlMs) return 'notSet'",
    replace: '',
  },
  {
    name: 'an increase to what is left sets it',
    file: 'storage.ts',
    find: 'ttlMs <= remainingTtlMs',
    replace: 'ttlMs < remainingTtlMs',
  },
  {
    name: 'a collection gets the time to live of every call',
    file: 'storage.ts',
    find: 'const setsTtl = item === undefined || refreshTtl',
    replace: 'const setsTtl = true',
  },
  {
    name: 'a collection keeps its first time to live',
    file: 'storage.ts',
    find: 'const setsTtl = item === undefined || refreshTtl',
    replace: 'const setsTtl = item === undefined',
  },
  {
    name: 'a union keeps the time to live of its destination',
    file: 'storage.ts',
    find: 'else this.#put(name, collection, ttlMs)\n  }',
    replace: 'else this.#put(name, collection, this.remainingTtlMs(key) ?? ttlMs)\n  }',
  },
]

const ofLists: readonly Mutant[] = [
  {
    name: 'what is put at the back pushes out the back',
    file: 'items/element-list.ts',
    find: 'this.retain(-truncateFrontTo)',
    replace: 'this.retain(0, truncateFrontTo)',
  },
  {
    name: 'what is put at the front pushes out the front',
    file: 'items/element-list.ts',
    find: 'this.retain(0, truncateBackTo)',
    replace: 'this.retain(-truncateBackTo)',
  },
  {
    name: 'a size of 0 truncates',
    file: 'items/element-list.ts',
    find: 'if (truncateBackTo > 0 && this.size > truncateBackTo)',
    replace: 'if (this.size > truncateBackTo)',
  },
  {
    name: 'what is put at the front is turned round',
    file: 'items/element-list.ts',
    find: '[...values.map(copyOf), ...this.#values]',
    replace: '[...values.map(copyOf).toReversed(), ...this.#values]',
  },
  {
    name: 'a range to erase moves what the next one means',
    file: 'items/element-list.ts',
    find: 'this.#become(this.#values.filter((_, index) => !isIn(index)))',
    replace: 'for (const { beginIndex, count } of ranges) this.#values.splice(beginIndex, count)',
  },
]

const ofEmptiness: readonly Mutant[] = [
  {
    name: 'an emptied collection stays',
    file: 'storage.ts',
    find: 'if (collection.size === 0) this.#items.delete(name)\n    return result',
    replace: 'return result',
  },
  {
    name: 'a collection to which nothing is added begins empty',
    file: 'storage.ts',
    find: 'if (collection.size === 0) this.#items.delete(name)\n    else if (setsTtl)',
    replace: 'if (setsTtl)',
  },
  {
    name: 'an empty union stays',
    file: 'storage.ts',
    find: 'if (collection.size === 0) this.#items.delete(name)\n    else this.#put(name, collection, ttlMs)\n  }',
    replace: 'this.#put(name, collection, ttlMs)\n  }',
  },
]

const ofSortedSets: readonly Mutant[] = [
  {
    name: 'equal scores keep the order in which they came',
    file: 'items/ranked-order.ts',
    find: 'left.score < right.score || (left.score === right.score && left.name < right.name)',
    replace: 'left.score < right.score',
  },
  {
    name: 'the order applies after the ranks',
    file: 'items/sorted-set.ts',
    find: 'this.#order.slice(this.size - high, this.size - low).toReversed()',
    replace: 'this.#order.slice(low, high).toReversed()',
  },
  {
    name: 'the order applies after offset and count',
    file: 'items/sorted-set.ts',
    find: "if (order === 'ascending') return this.#order.slice(low + offset, Math.min(low + offset + most, high))",
    replace:
      "const found = this.#order.slice(low + offset, Math.min(low + offset + most, high))\n    return order === 'ascending' ? found : found.toReversed()",
  },
  {
    name: 'negative ranks are no ranks',
    file: 'items/sorted-set.ts',
    find: 'rank < 0 ? Math.max(0, this.size + rank) : Math.min(rank, this.size)',
    replace: 'Math.max(0, Math.min(rank, this.size))',
  },
  {
    name: 'a maximum is exclusive unless said',
    file: 'items/sorted-set.ts',
    find: 'this.#ranksBelow(max.score, !max.exclusive)',
    replace: 'this.#ranksBelow(max.score, max.exclusive)',
  },
  {
    name: 'a minimum is inclusive whatever is said',
    file: 'items/sorted-set.ts',
    find: 'this.#ranksBelow(min.score, min.exclusive)',
    replace: 'this.#ranksBelow(min.score, false)',
  },
  {
    name: 'a negative count is none',
    file: 'items/sorted-set.ts',
    find: 'count < 0 ? this.size : count',
    replace: 'Math.max(0, count)',
  },
  {
    name: 'a union does not weigh',
    file: 'items/sorted-set-union.ts',
    find: 'score * weight',
    replace: 'score',
  },
  {
    name: 'a weight of 0 is one of 1',
    file: 'items/sorted-set-union.ts',
    find: 'score * weight',
    replace: 'score * (weight || 1)',
  },
  {
    name: 'a union aggregates before it weighs',
    file: 'items/sorted-set-union.ts',
    find: 'combine(before, weighted)',
    replace: 'combine(before, score) * weight',
  },
  {
    name: 'a union of nothing is empty',
    file: 'items/sorted-set-union.ts',
    find: "if (sources.length === 0) throw new StorageError('invalidArgument', 'a union needs at least one source')",
    replace: '',
  },
]

const ofScalars: readonly Mutant[] = [
  {
    name: 'an absent value is not unlike another',
    file: 'write-conditions.ts',
    find: 'current === undefined || !equals(current)',
    replace: 'current !== undefined && !equals(current)',
  },
  {
    name: 'an absent value is present and unlike another',
    file: 'write-conditions.ts',
    find: 'current !== undefined && !equals(current)',
    replace: 'current === undefined || !equals(current)',
  },
  {
    name: 'a text that is no integer counts as 0',
    file: 'items/integer-text.ts',
    find: "throw new StorageError('failedPrecondition', 'the item is not an integer')",
    replace: 'return 0n',
  },
  {
    name: 'a decimal fraction is cut off',
    file: 'items/integer-text.ts',
    find: 'if (integerForm.test(text) && isInt64(BigInt(text))) return BigInt(text)',
    replace: 'if (!Number.isNaN(parseInt(text))) return BigInt(parseInt(text))',
  },
  {
    name: 'a sum over 64 bits wraps',
    file: 'items/integer-text.ts',
    find: "throw new StorageError('failedPrecondition', 'the sum is not a 64-bit integer')",
    replace: 'return BigInt.asIntN(64, sum)',
  },
  {
    name: 'a hash outlives its value',
    file: 'storage.ts',
    find: 'const item = { content, expiresAtMs: nowMs + ttlMs }',
    replace: 'const item = { ...this.#items.get(name), content, expiresAtMs: nowMs + ttlMs }',
  },
  {
    name: 'an item of another kind is none',
    file: 'storage.ts',
    find: 'throw otherKind(new kind().kind, content)',
    replace: 'return undefined',
  },
]

/** Each breaks something that is easy to get wrong, and the model has to notice. */
export const storageMutants: readonly Mutant[] = [
  ...ofTime,
  ...ofLists,
  ...ofEmptiness,
  ...ofSortedSets,
  ...ofScalars,
]
