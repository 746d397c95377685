import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const projectRoot = join(import.meta.dirname, '..', '..')
/** `5.3<!-- handler ratios.overFloorAt10000 -->`: a figure, and where in the results it is. */
const quotation = /([\d.,]+)<!-- ([a-z-]+) ([\w.]+) -->/g

/** What is quoted and differs from the results. */
function misquoted(text: string, resultOf: (name: string) => unknown): string[] {
  return [...text.matchAll(quotation)].flatMap(([, quoted = '', name = '', path = '']) => {
    const measured = path
      .split('.')
      .reduce<unknown>((value, member) => (value as Record<string, unknown>)[member], resultOf(name))
    return Number(quoted.replaceAll(',', '')) === measured
      ? []
      : [`${name} ${path}: ${quoted}, ${String(measured)}`]
  })
}

function committed(name: string): unknown {
  return JSON.parse(readFileSync(join(projectRoot, 'bench', 'results', `${name}.json`), 'utf8'))
}

describe('figures of the readme', () => {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8')

  test('are those of the committed results', () => {
    expect([...readme.matchAll(quotation)].length).toBeGreaterThan(4)
    expect(misquoted(readme, committed)).toEqual([])
  })

  test('that differ are found', () => {
    const text = '5.3<!-- handler ratios.over --> and 1,000<!-- handler ratios.times -->'
    expect(misquoted(text, () => ({ ratios: { over: 5.3, times: 1_000 } }))).toEqual([])
    expect(misquoted(text, () => ({ ratios: { over: 5.4, times: 1_000 } }))).toHaveLength(1)
  })
})

test.each(['handler', 'store', 'cold-start', 'exactness', 'measures'])(
  'the results of %s say on what, from which seed, and what they do not show',
  (name) => {
    expect(committed(name)).toMatchObject({
      name,
      machine: expect.stringContaining('Node v'),
      commit: expect.stringMatching(/^[0-9a-f]{7}/),
      seed: expect.any(Number),
      doesNotShow: expect.arrayContaining([expect.any(String)]),
    })
    expect(existsSync(join(projectRoot, 'bench', 'results', `${name}.svg`))).toBe(true)
  },
)
