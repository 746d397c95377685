import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Storage } from '../model/step.ts'
import { agreesWithModel } from '../model/storage-model.ts'
import type { Mutant } from './mutant.ts'
import { mutatedModule } from './mutated-module.ts'
import { storageMutants } from './storage-mutants.ts'

const storagePath = join(import.meta.dirname, '../model/storage-under-test.ts')

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'momento-mutants-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function survives(mutant?: Mutant): Promise<boolean> {
  const storage = (await mutatedModule(storagePath, folder, mutant)) as Storage
  return !fc.check(agreesWithModel(storage), { numRuns: 1000, seed: 7, endOnFailure: true }).failed
}

test('the storage as it is agrees with the model', async () => {
  expect(await survives()).toBe(true)
})

test.each(storageMutants)('the model disagrees where $name', async (mutant) => {
  expect(await survives(mutant)).toBe(false)
})

test('a mutant that no longer fits the code is an error', async () => {
  const misfit = { name: 'misfit', file: 'storage.ts', find: 'no such text', replace: '' }
  await expect(survives(misfit)).rejects.toThrow('no longer fits')
})
