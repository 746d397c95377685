import type { AssemblyStack } from './assembly.ts'
import { resolveIntrinsics } from './intrinsics.ts'
import type { ResourceName } from './resource-names.ts'
import { about } from './resources.ts'
import { namesInStacks } from './stack-names.ts'

/** By what a script knows a thing -> its name here. */
export interface PlannedNames {
  readonly streams: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, string>>
  readonly buckets: Readonly<Record<string, string>>
  readonly queues: Readonly<Record<string, string>>
  readonly functions: Readonly<Record<string, string>>
}

/** A resource, as far as its name goes. */
export interface NamedThing {
  readonly stack: AssemblyStack
  readonly logicalId: string
  readonly id: Pick<ResourceName, 'name' | 'ref'>
}

/** Outputs that the CDK adds for references between stacks. */
const generatedOutput = /^(Exports|Publish)Output/

interface Output {
  readonly stackName: string
  readonly name: string
  readonly value: string
}

/** The outputs of all stacks; one that several stacks have is called `stack.output`. */
export function plannedOutputs(stacks: readonly AssemblyStack[]): Record<string, string> {
  return unambiguous(
    outputsOf(stacks).map(({ stackName, name, value }) => ({ stackName, key: name, name: value })),
  )
}

/**
 * Things are known by the first output that gives their name, or the URL of a queue, as whoever wrote the app chose that; without one by their
 * logical id. What is not unique over the stacks is called `stack.name`.
 */
export function plannedNames(
  stacks: readonly AssemblyStack[],
  things: Readonly<Record<keyof PlannedNames, readonly NamedThing[]>>,
): PlannedNames {
  const outputs = outputsOf(stacks).filter(({ name }) => !generatedOutput.test(name))
  const namesOf = (kind: readonly NamedThing[]): Record<string, string> =>
    unambiguous(
      kind.map(({ stack, logicalId, id: { name, ref } }) => {
        const output = outputs.find(({ value }) => value === name || value === ref)
        return { stackName: output?.stackName ?? stack.name, key: output?.name ?? logicalId, name }
      }),
    )
  return {
    streams: namesOf(things.streams),
    tables: namesOf(things.tables),
    buckets: namesOf(things.buckets),
    queues: namesOf(things.queues),
    functions: namesOf(things.functions),
  }
}

function outputsOf(stacks: readonly AssemblyStack[]): Output[] {
  return [...namesInStacks(stacks)].flatMap(([stack, names]) =>
    Object.entries(stack.template.Outputs)
      .filter(([, { Condition }]) => names.isDeployed(Condition))
      .map(([name, { Value }]) => {
        const value = about({ stack, logicalId: name }, () => resolveIntrinsics(Value, names))
        return { stackName: stack.name, name, value: String(value) }
      }),
  )
}

function unambiguous(
  entries: readonly { readonly stackName: string; readonly key: string; readonly name: string }[],
): Record<string, string> {
  return Object.fromEntries(
    entries.map(({ stackName, key, name }) => {
      const isUnique = entries.filter((other) => other.key === key).length === 1
      return [isUnique ? key : `${stackName}.${key}`, name]
    }),
  )
}
