import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { stageCode } from '../../../local/deploy/stage-code.ts'

const run = promisify(execFile)
let project = ''
let temporary = ''

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'stage-code-project-'))
  temporary = await mkdtemp(join(tmpdir(), 'stage-code-test-'))
  vi.stubEnv('TMPDIR', temporary)
  // As where an assembly lies inside a project of ES modules.
  await writeFile(join(project, 'package.json'), '{"type":"module"}')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(project, { recursive: true })
  await rm(temporary, { recursive: true })
})

async function codeOf(name: string, text: string): Promise<string> {
  const directory = join(project, name)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'index.js'), text)
  return directory
}

it('leaves CommonJS code what it is, although the project around it is one of ES modules', async () => {
  const directory = await codeOf('asset.one', 'exports.kind = 1; console.log(typeof require)')
  const staged = await stageCode([directory])
  const { stdout } = await run(process.execPath, [join(staged.directoryOf(directory), 'index.js')])
  expect(stdout).toBe('function\n')
  // The control: where it lay, it does not even load.
  await expect(run(process.execPath, [join(directory, 'index.js')])).rejects.toThrow('exports is not defined')
  await staged.close()
})

it('lets code find the AWS SDK, as in Lambda, and no other package', async () => {
  const directory = await codeOf(
    'asset.one',
    `const found = (name) => { try { require.resolve(name); return true } catch { return false } }
    console.log(found('@aws-sdk/client-s3'), found('zod'), found('own'))`,
  )
  await mkdir(join(directory, 'node_modules', 'own'), { recursive: true })
  await writeFile(join(directory, 'node_modules', 'own', 'index.js'), '')
  const staged = await stageCode([directory])
  const { stdout } = await run(process.execPath, [join(staged.directoryOf(directory), 'index.js')])
  expect(stdout).toBe('true false true\n')
  await staged.close()
})

it('keeps the code as it was, until it is closed', async () => {
  const directory = await codeOf('asset.one', 'first')
  const other = await codeOf('deep/asset.one', 'other')
  const staged = await stageCode([directory, other, directory])
  await codeOf('asset.one', 'second')
  const place = staged.directoryOf(directory)
  expect(await readFile(join(place, 'index.js'), 'utf8')).toBe('first')
  expect(await readFile(join(staged.directoryOf(other), 'index.js'), 'utf8')).toBe('other')
  expect(existsSync(place)).toBe(true)
  await staged.close()
  expect(await readdir(temporary)).toEqual([])
})

it('names code that is not there, and leaves nothing behind', async () => {
  const directory = await codeOf('asset.one', '')
  const nowhere = join(project, 'asset.two')
  await expect(stageCode([directory, nowhere])).rejects.toThrow(
    `the code of a function is not there: ${nowhere}`,
  )
  expect(await readdir(temporary)).toEqual([])
})
