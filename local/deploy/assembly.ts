import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.looseObject({ templateFile: z.string().optional() }).optional(),
    }),
  ),
})

const templateSchema = z.object({
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
  Resources: z.record(z.string(), z.looseObject({ Type: z.string(), Properties: z.unknown().optional() })),
  Outputs: z.record(z.string(), z.looseObject({ Value: z.unknown() })).default({}),
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
  readonly name: string
  readonly template: Template
  /** The directory or file of each asset, by its hash. */
  readonly assetPaths: ReadonlyMap<string, string>
}

/**
 * Reads the stacks of a cloud assembly: the directory that `cdk synth` writes.
 * @throws Error that names the file that is missing or not as expected.
 */
export async function readAssembly(directory: string): Promise<readonly AssemblyStack[]> {
  const manifest = await readJson(join(directory, 'manifest.json'), manifestSchema)
  const stacks = Object.entries(manifest.artifacts).flatMap(([name, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile !== undefined
      ? [{ name, templateFile: properties.templateFile }]
      : [],
  )
  if (stacks.length === 0) throw new Error(`${directory} holds no stack`)
  return Promise.all(
    stacks.map(async ({ name, templateFile }) => {
      const assets = await readJson(join(directory, `${name}.assets.json`), assetsSchema)
      return {
        name,
        template: await readJson(join(directory, templateFile), templateSchema),
        assetPaths: new Map(
          Object.entries(assets.files).map(([hash, { source }]) => [
            hash,
            join(directory, source.path ?? ''),
          ]),
        ),
      }
    }),
  )
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
