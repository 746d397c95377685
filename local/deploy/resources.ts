import type * as z from 'zod'
import type { AssemblyStack } from './assembly.ts'
import { resolveIntrinsics } from './intrinsics.ts'
import { nameProperty, type ResourceName } from './resource-names.ts'
import { namesInStacks, type StackNames } from './stack-names.ts'
import { type EffectiveType, type HonouredProperties, supportedProperties } from './supported-properties.ts'

/** A resource that is deployed, its properties not looked at yet. */
export interface Resource {
  readonly stack: AssemblyStack
  readonly names: StackNames
  readonly logicalId: string
  readonly type: string
  readonly id: ResourceName
  readonly rawProperties: Readonly<Record<string, unknown>>
}

/**
 * The resources of several stacks whose conditions are met.
 * @throws Error that names the resource of a type which is not supported.
 */
export function resourcesOf(stacks: readonly AssemblyStack[]): Resource[] {
  const found: Resource[] = []
  for (const [stack, names] of namesInStacks(stacks)) {
    for (const [logicalId, { Type: type, Properties: rawProperties = {} }] of Object.entries(
      stack.template.Resources,
    )) {
      const id = about({ stack, logicalId }, () => {
        // Not deployed is no excuse for a type that could never be.
        nameProperty(type)
        return names.resource(logicalId)
      })
      if (id !== undefined) found.push({ stack, names, logicalId, type, id, rawProperties })
    }
  }
  return found
}

/**
 * What a resource's properties say, as far as they have an effect.
 * @throws Error that names the resource and a property that is not supported.
 */
export function honouredProperties<T extends EffectiveType>(
  type: T,
  resource: Resource,
): HonouredProperties<T> {
  const supported = supportedProperties[type]
  const harmless: readonly string[] = supported.harmless
  const properties: Record<string, unknown> = {}
  for (const [name, raw] of Object.entries(resource.rawProperties)) {
    if (harmless.includes(name)) continue
    const value = about(resource, () => resolveIntrinsics(raw, resource.names))
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    refuseDynamicReferences(resource, name, value)
    if (!Object.hasOwn(supported.honoured.shape, name)) throw unsupportedProperty(resource, name)
    properties[name] = value
  }
  const parsed = supported.honoured.safeParse(properties)
  if (parsed.success) return parsed.data as HonouredProperties<T>
  const issues: readonly z.core.$ZodIssue[] = parsed.error.issues
  // A member that is unknown says more than one that is missing for it.
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys')
  if (unknown !== undefined) throw unsupportedProperty(resource, [...unknown.path, unknown.keys[0]].join('.'))
  const [issue] = issues
  throw unsupportedProperty(resource, issue?.path.join('.') ?? '', issue?.message)
}

/** Names the resource in what `work` throws. */
export function about<T>(resource: Pick<Resource, 'stack' | 'logicalId'>, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw refusal(resource, error instanceof Error ? error.message : String(error), error)
  }
}

/** An error of one line about a resource. */
export function refusal(
  { stack, logicalId }: Pick<Resource, 'stack' | 'logicalId'>,
  what: string,
  cause?: unknown,
): Error {
  return new Error(`${stack.name}/${logicalId}: ${what}`, { cause })
}

function unsupportedProperty(resource: Resource, path: string, why = ''): Error {
  const reason = [reasons[path], why].find((text) => text)
  return refusal(
    resource,
    `property ${path} is not supported locally${reason === undefined ? '' : `: ${reason}`}`,
  )
}

const reasons: Readonly<Record<string, string>> = {
  'Code.ZipFile': 'inline code has to become an asset',
  'Code.ImageUri': 'only assets that are directories run here',
  PackageType: 'only assets that are directories run here',
}

function refuseDynamicReferences(resource: Resource, name: string, value: unknown): void {
  const [reference] = /\{\{resolve:[^}]*\}\}/.exec(JSON.stringify(value)) ?? []
  if (reference !== undefined)
    throw refusal(resource, `property ${name}: the dynamic reference ${reference} is not supported locally`)
}
