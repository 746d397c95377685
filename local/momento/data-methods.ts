import { conditionalWriteMethods } from './conditional-writes.ts'
import type { DataMethod } from './data-plane.ts'
import { scalarMethods } from './scalars.ts'

/** Every method of the data plane that is served. */
export const dataMethods: readonly DataMethod[] = [...scalarMethods, ...conditionalWriteMethods]
