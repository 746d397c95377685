import type { LocalStack } from '../local/main.ts'
import type { ProcessOptions } from './processes.ts'
import { pipelineMetric } from './status.ts'

/** What a proof needs of the run that it is part of. */
export interface ProofRun {
  readonly stack: LocalStack
  /** For files of its own; removed at the end. */
  readonly directory: string
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  /** Whether functions are killed meanwhile: what they say of themselves is then less than they did. */
  readonly isDisturbed: boolean
}

/** How a proof runs a process; what that says is said under a name, as others talk at the same time. */
export function processOf({ stack, say, signal }: ProofRun, name: string): ProcessOptions {
  return { environment: stack.environment, signal, onTalk: (line) => say(`${name}: ${line}`) }
}

/** One part of what is proved: it sends something, and sees what has become of it. */
export interface Proof<Result> {
  /** Resolves when all is sent and acknowledged. */
  send(): Promise<void>
  /** Reads back what the pipelines made of it, once they have done all of it; findings by pipeline. */
  check(): Promise<Readonly<Record<string, Finding<Result>>>>
}

/** What a proof has found for one pipeline. */
export interface Finding<Result> {
  readonly result: Result
  /** One line for each value, group or record that is not as it should be. */
  readonly mismatches: readonly string[]
}

/** How a pipeline's function did it. */
export interface FunctionWork {
  /** As the function counts them: a record that is delivered again is one more. */
  readonly duplicatesDropped: number
  readonly invocations: number
  readonly coldStarts: number
  /** The most execution environments at once. */
  readonly environments: number
  /** Momento requests of its function, as it counts them itself. */
  readonly storeRequests: number
}

/** Looks up how a pipeline's function did it. */
export function functionWork(stack: LocalStack, pipeline: string): FunctionWork {
  const output = `${pipeline.charAt(0).toUpperCase()}${pipeline.slice(1)}FunctionName`
  const stats = stack.functions.get(stack.outputs[output] ?? '')?.stats()
  if (stats === undefined) throw new Error(`no function is in the output ${output}`)
  return {
    duplicatesDropped: pipelineMetric(stack, pipeline, 'Duplicates'),
    invocations: stats.invocations,
    coldStarts: stats.coldStarts,
    environments: stats.environments.peak,
    storeRequests: pipelineMetric(stack, pipeline, 'StoreRequests'),
  }
}
