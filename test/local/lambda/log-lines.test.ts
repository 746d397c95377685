import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLines } from '../../../local/lambda/log-lines.ts'

async function linesOf(chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const stream = new PassThrough()
  const lines: string[] = []
  readLines(stream, (line) => lines.push(line))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await once(stream, 'end')
  return lines
}

test('lines are the same wherever the bytes are cut, also within a character', async () => {
  const text = 'one\ntwö 🛫\r\n\nfour without an end'
  const bytes = Buffer.from(text)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
      const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
      expect(await linesOf(chunks)).toEqual(['one', 'twö 🛫', '', 'four without an end'])
    }),
  )
})

test('nothing written is no line, and an empty line is one', async () => {
  expect(await linesOf([])).toEqual([])
  expect(await linesOf(['\n'])).toEqual([''])
})

test('a line without an end comes in pieces of 256 KiB, with nothing lost', async () => {
  const text = 'x'.repeat(600 * 1024)
  const lines = await linesOf([text])
  expect(lines.map((line) => line.length)).toEqual([262_144, 262_144, 90_112])
  expect(lines.join('')).toBe(text)
})
