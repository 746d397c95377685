import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { streams, tables } from '../../consumers/pipelines.ts'

const consumers = join(import.meta.dirname, '..', '..', 'consumers')

test('every pipeline reads one source and has a folder of its name with its function; no folder is forgotten', () => {
  const names = [...streams, ...tables].flatMap(({ pipelines }) => pipelines.map(({ name }) => name))
  const folders = readdirSync(consumers).filter((name) => existsSync(join(consumers, name, 'handler.ts')))
  expect(names.toSorted()).toEqual(folders.toSorted())
})
