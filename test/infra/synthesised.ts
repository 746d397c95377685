import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'
import { streams, tables } from '../../consumers/pipelines.ts'
import { type Stage, type StageName, stages } from '../../infra/stages.ts'
import { StreamProcessingStack } from '../../infra/stream-processing-stack.ts'
import { resolveIntrinsics } from '../../local/deploy/intrinsics.ts'

/** Every option at once. */
export const allOptions = {
  env: { region: 'eu-central-1' },
  shardCount: 3,
  parallelizationFactor: 2,
  reservedConcurrency: 6,
  provisionedConcurrency: 4,
  hasOwnKey: true,
  hasEnhancedFanOut: true,
  isTraced: true,
  natGateways: 2,
} as const satisfies Stage

/** An app with the feature flags of cdk.json and without bundled code. */
export function appWithFlags(): App {
  const cdkJson = readFileSync(join(import.meta.dirname, '..', '..', 'cdk.json'), 'utf8')
  const { context } = z.looseObject({ context: z.record(z.string(), z.unknown()) }).parse(JSON.parse(cdkJson))
  return new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } })
}

/** The stack that the app makes with a stage, or with a stage of one's own. */
export function stackOf(stage: StageName | Stage, app = appWithFlags()): StreamProcessingStack {
  return new StreamProcessingStack(app, 'test', {
    streams,
    tables,
    momentoCacheName: 'numbers',
    ...(typeof stage === 'string' ? stages[stage] : stage),
  })
}

export function templateOf(stage: StageName | Stage): SynthesisedTemplate {
  return new SynthesisedTemplate(Template.fromStack(stackOf(stage)))
}

const functionArn = 'arn:aws:lambda:region:account:function:'

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
})
export type SynthesisedResource = z.infer<typeof resourceSchema>

/** A template whose references read as `{FlightsStream}` and `{FlightsStream.Arn}`, and whose ids have no hash. */
export class SynthesisedTemplate {
  readonly outputs: ReadonlyMap<string, unknown>
  readonly #resources: readonly (readonly [logicalId: string, SynthesisedResource])[]

  constructor(template: Template) {
    const { Resources: resources, Outputs: outputs = {} } = z
      .object({
        Resources: z.record(z.string(), resourceSchema),
        Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).optional(),
      })
      .parse(template.toJSON())
    this.#resources = Object.entries(resources)
    this.outputs = new Map(Object.entries(outputs).map(([name, { Value }]) => [name, this.#readable(Value)]))
  }

  /** The ids of all resources, with their types. */
  get types(): ReadonlyMap<string, string> {
    return new Map(this.#resources.map(([logicalId, { Type }]) => [withoutHash(logicalId), Type]))
  }

  /** The resource of that id. */
  resource(id: string): SynthesisedResource {
    const [, resource] = this.#resources.find(([logicalId]) => withoutHash(logicalId) === id) ?? []
    if (resource === undefined) throw new Error(`there is no ${id}: ${[...this.types.keys()].join(' ')}`)
    return resourceSchema.parse(this.#readable(resource))
  }

  properties(id: string): SynthesisedResource['Properties'] {
    return this.resource(id).Properties
  }

  ofType(type: string): readonly (readonly [id: string, SynthesisedResource])[] {
    return [...this.types].filter(([, each]) => each === type).map(([id]) => [id, this.resource(id)])
  }

  #readable(value: unknown): unknown {
    const types = new Map(this.#resources.map(([logicalId, { Type }]) => [logicalId, Type]))
    return resolveIntrinsics(value, {
      // An alias is referred to by its ARN, which templates take apart.
      ref: (name) => `${types.get(name) === 'AWS::Lambda::Alias' ? functionArn : ''}{${withoutHash(name)}}`,
      attribute: (logicalId, attribute) => `{${withoutHash(logicalId)}.${attribute}}`,
    })
  }
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/([0-9A-F]{8})+$/, '')
}
