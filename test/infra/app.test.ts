import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

const projectRoot = join(import.meta.dirname, '..', '..')
const directory = mkdtempSync(join(tmpdir(), 'streamtally-app-'))
afterAll(() => rmSync(directory, { recursive: true }))

const manifestSchema = z.object({ artifacts: z.record(z.string(), z.unknown()) })
const stackSchema = z.looseObject({
  type: z.literal('aws:cloudformation:stack'),
  properties: z.looseObject({
    terminationProtection: z.boolean().optional(),
    tags: z.record(z.string(), z.string()),
  }),
})

/** The stacks that the app makes, by name, with the stage given as the CDK's command line gives it. */
async function stacksOf(stage?: string): Promise<ReadonlyMap<string, z.infer<typeof stackSchema>>> {
  const context = { 'aws:cdk:bundling-stacks': [], ...(stage !== undefined && { stage }) }
  const output = join(directory, stage ?? 'default')
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'infra/app.ts'], {
    cwd: projectRoot,
    env: {
      ...process.env,
      CDK_VALIDATION: 'false',
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
  })
  const { artifacts } = manifestSchema.parse(JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')))
  return new Map(
    Object.entries(artifacts).flatMap(([name, artifact]) => {
      const { success, data } = stackSchema.safeParse(artifact)
      return success ? [[name, data]] : []
    }),
  )
}

describe('the app', () => {
  const stacks = new Map<string | undefined, Awaited<ReturnType<typeof stacksOf>>>()
  beforeAll(async () => {
    for (const stage of [undefined, 'prod']) stacks.set(stage, await stacksOf(stage))
  })

  it('makes the stack of dev unless another stage is named, with tags for what it costs', () => {
    const [[name, { properties } = {}] = [], ...others] = stacks.get(undefined) ?? []
    expect([name, properties?.tags]).toEqual(['streamtally-dev', { project: 'streamtally', stage: 'dev' }])
    expect(others).toEqual([])
    expect(properties?.terminationProtection).not.toBe(true)
  })

  it('makes the stack of prod, which nobody deletes by mistake', () => {
    const [[name, { properties } = {}] = [], ...others] = stacks.get('prod') ?? []
    expect([name, properties?.tags]).toEqual(['streamtally-prod', { project: 'streamtally', stage: 'prod' }])
    expect(others).toEqual([])
    expect(properties?.terminationProtection).toBe(true)
  })

  it('refuses a stage that there is not and lists those that there are', async () => {
    await expect(stacksOf('test')).rejects.toThrow(
      'there is no stage "test": give -c stage=dev or -c stage=prod',
    )
  })
})
