import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const number = String.raw`[A-Z]\d{1,2}`

/** The numbers at the beginning of lines of tables. */
function stated(): string[] {
  const text = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  return Array.from(text.matchAll(new RegExp(String.raw`^\| (${number}) +\|`, 'gm')), ([, line = '']) => line)
}

/** The numbers at the beginning of the names of cases. */
function covered(): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.test.ts'),
  )
  const code = files.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n')
  const names = code.matchAll(new RegExp(String.raw`\(\s*['\x22\x60](${number}) `, 'g'))
  return Array.from(names, ([, line = '']) => line)
}

it('each line has a case, and each case a line', () => {
  const lines = stated()
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.length).toBeGreaterThan(60)
  expect([...new Set(covered())].toSorted()).toEqual(lines.toSorted())
})
