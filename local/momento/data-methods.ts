import { batchMethods } from './batches.ts'
import { conditionalWriteMethods } from './conditional-writes.ts'
import type { DataMethod } from './data-plane.ts'
import { dictionaryMethods } from './dictionaries.ts'
import { listMethods } from './lists.ts'
import { scalarMethods } from './scalars.ts'
import { setMethods } from './sets.ts'
import { sortedSetMethods } from './sorted-sets.ts'
import { timeToLiveMethods } from './time-to-live.ts'

/** Every method of the data plane, `cache_client.Scs`. */
export const dataMethods: readonly DataMethod[] = [
  ...scalarMethods,
  ...conditionalWriteMethods,
  ...batchMethods,
  ...timeToLiveMethods,
  ...dictionaryMethods,
  ...setMethods,
  ...listMethods,
  ...sortedSetMethods,
]
