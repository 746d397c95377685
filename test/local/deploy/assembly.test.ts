import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAssembly } from '../../../local/deploy/assembly.ts'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function write(files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(join(directory, name), text)
  }
}

function manifestOf(...stacks: readonly string[]): object {
  const artifacts = stacks.map((name) => [
    name,
    { type: 'aws:cloudformation:stack', properties: { templateFile: `${name}.template.json` } },
  ])
  return { artifacts: { Tree: { type: 'cdk:tree' }, ...Object.fromEntries(artifacts) } }
}

const stream = { Resources: { Stream: { Type: 'AWS::Kinesis::Stream' } } }
const oneStack = {
  'manifest.json': manifestOf('dev'),
  'dev.assets.json': { files: { abc: { source: { path: 'asset.abc' } } } },
  'dev.template.json': stream,
}

describe('an assembly', () => {
  it('gives a stack with its template and the places of its assets', async () => {
    await write(oneStack)
    const [stack, ...others] = await readAssembly(directory)
    expect(others).toEqual([])
    expect(stack?.name).toBe('dev')
    expect(stack?.template).toEqual({
      Parameters: {},
      Mappings: {},
      Conditions: {},
      Outputs: {},
      ...stream,
    })
    expect(stack?.assetPaths).toEqual(new Map([['abc', join(directory, 'asset.abc')]]))
  })

  it('gives every stack that it holds', async () => {
    await write({
      ...oneStack,
      'manifest.json': manifestOf('dev', 'test'),
      'test.assets.json': {},
      'test.template.json': { Resources: {}, Outputs: { Name: { Value: 'x' } } },
    })
    const stacks = await readAssembly(directory)
    expect(stacks.map(({ name }) => name)).toEqual(['dev', 'test'])
    expect(stacks[1]?.template.Outputs).toEqual({ Name: { Value: 'x' } })
  })

  it("gives a stage's stacks under their own names, with assets that lie outside the stage", async () => {
    await write({
      'manifest.json': {
        artifacts: { Prod: { type: 'cdk:cloud-assembly', properties: { directoryName: 'assembly-Prod' } } },
      },
      'assembly-Prod/manifest.json': {
        artifacts: {
          ProdMain: {
            type: 'aws:cloudformation:stack',
            properties: { templateFile: 'ProdMain.template.json', stackName: 'Prod-Main' },
          },
        },
      },
      'assembly-Prod/ProdMain.assets.json': { files: { abc: { source: { path: '../asset.abc' } } } },
      'assembly-Prod/ProdMain.template.json': stream,
    })
    const stacks = await readAssembly(directory)
    expect(stacks.map(({ name }) => name)).toEqual(['Prod-Main'])
    expect(stacks[0]?.assetPaths).toEqual(new Map([['abc', join(directory, 'asset.abc')]]))
  })
})

describe('what is no assembly is refused with the file that is wrong', () => {
  it.each(['manifest.json', 'dev.assets.json', 'dev.template.json'])('missing: %s', async (missing) => {
    await write(oneStack)
    await rm(join(directory, missing))
    await expect(readAssembly(directory)).rejects.toThrow(
      `${join(directory, missing)} cannot be read as JSON; is this a cloud assembly?`,
    )
  })

  it.each(Object.keys(oneStack))('not JSON: %s', async (broken) => {
    await write({ ...oneStack, [broken]: '{"Resources":' })
    await expect(readAssembly(directory)).rejects.toThrow(`${join(directory, broken)} cannot be read as JSON`)
  })

  it.each([
    ['manifest.json', { version: '1' }],
    ['dev.assets.json', { files: { abc: { source: { path: 7 } } } }],
    ['dev.template.json', { Resources: { Stream: { Properties: {} } } }],
  ])('of another shape: %s', async (broken, content) => {
    await write({ ...oneStack, [broken]: content })
    await expect(readAssembly(directory)).rejects.toThrow(`${join(directory, broken)} is not as expected: `)
  })

  it('a directory that is not there', async () => {
    const nowhere = join(directory, 'nowhere')
    await expect(readAssembly(nowhere)).rejects.toThrow(`${join(nowhere, 'manifest.json')} cannot be read`)
  })

  it('an assembly without a stack', async () => {
    await write({ 'manifest.json': manifestOf() })
    await expect(readAssembly(directory)).rejects.toThrow(`${directory} holds no stack`)
  })
})
