/** What of the storage core the model is compared with: one module, so that a changed copy of it can stand in. */
export { Dictionary } from '../../../../local/momento/items/dictionary.ts'
export { ElementList } from '../../../../local/momento/items/element-list.ts'
export { ElementSet } from '../../../../local/momento/items/element-set.ts'
export { SortedSet } from '../../../../local/momento/items/sorted-set.ts'
export { unionOf } from '../../../../local/momento/items/sorted-set-union.ts'
export { CacheItems } from '../../../../local/momento/storage.ts'
export { storedHash } from '../../../../local/momento/value-hash.ts'
export * from '../../../../local/momento/write-conditions.ts'
