import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as z from 'zod'

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .looseObject({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          directoryName: z.string().optional(),
        })
        .optional(),
    }),
  ),
})

/** A parameter's value, which CloudFormation takes as a number or a truth value too. */
const textSchema = z.union([z.string(), z.number(), z.boolean()]).transform(String)

const templateSchema = z.object({
  Transform: z.unknown().optional(),
  Parameters: z
    .record(z.string(), z.looseObject({ Type: z.string().optional(), Default: textSchema.optional() }))
    .default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z
    .record(
      z.string(),
      z.looseObject({
        Type: z.string(),
        Condition: z.string().optional(),
        Properties: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .default({}),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({
        Value: z.unknown(),
        Condition: z.string().optional(),
        Export: z.looseObject({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
})

const assetsSchema = z.object({
  files: z
    .record(z.string(), z.looseObject({ source: z.looseObject({ path: z.string().optional() }) }))
    .default({}),
})

/** A CloudFormation template, as far as the local stack reads it. */
export type Template = z.infer<typeof templateSchema>

/** One stack of a cloud assembly. */
export interface AssemblyStack {
  /** As CloudFormation knows it, which other stacks may name. */
  readonly name: string
  readonly template: Template
  /** The directory or file of each asset, by its hash. */
  readonly assetPaths: ReadonlyMap<string, string>
}

/**
 * Reads the stacks of a cloud assembly: the directory that `cdk synth` writes; those of its stages too.
 * @throws Error that names the file that is missing or not as expected.
 */
export async function readAssembly(directory: string): Promise<readonly AssemblyStack[]> {
  const stacks = await readStacks(directory)
  if (stacks.length === 0) throw new Error(`${directory} holds no stack`)
  return stacks
}

async function readStacks(directory: string): Promise<readonly AssemblyStack[]> {
  const { artifacts } = await readJson(join(directory, 'manifest.json'), manifestSchema)
  const stacks = await Promise.all(
    Object.entries(artifacts).map(async ([id, { type, properties }]) => {
      const { templateFile, stackName = id, directoryName } = properties ?? {}
      if (type === 'cdk:cloud-assembly' && directoryName !== undefined)
        return readStacks(join(directory, directoryName))
      if (type !== 'aws:cloudformation:stack' || templateFile === undefined) return []
      const { files } = await readJson(join(directory, `${id}.assets.json`), assetsSchema)
      const paths = Object.entries(files).map(
        ([hash, { source }]) => [hash, resolve(directory, source.path ?? '')] as const,
      )
      const template = await readJson(join(directory, templateFile), templateSchema)
      return [{ name: stackName, template, assetPaths: new Map(paths) }]
    }),
  )
  return stacks.flat()
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON; is this a cloud assembly?`, { cause: error })
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) throw new Error(`${path} is not as expected: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}
