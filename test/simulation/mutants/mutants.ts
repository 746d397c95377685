import { batchMutants } from './batch-mutants.ts'
import { commitMutants } from './commit-mutants.ts'
import type { Mutant } from './mutant.ts'
import { segmentMutants } from './segment-mutants.ts'

/** Every mutant that has to die. */
export const mutants: readonly Mutant[] = [...commitMutants, ...segmentMutants, ...batchMutants]
