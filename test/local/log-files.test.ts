import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { PlatformLine } from '../../local/lambda/platform-lines.ts'
import { openLogFiles } from '../../local/log-files.ts'

const fail = (error: unknown): never => expect.unreachable(String(error))

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'log-files-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

const lineOf = (logGroupName: string, text: string): PlatformLine => ({
  functionName: 'tally',
  logGroupName,
  logStreamName: '2026/01/02/[$LATEST]a1',
  requestId: undefined,
  timestampMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  text,
})
const begin = '2026-01-02T03:04:05.678Z\t2026/01/02/[$LATEST]a1\t'

test('each log group has a file of its own, in a directory that is made, with what was there before', async () => {
  const directory = join(temporaryDirectory(), 'made', 'logs')
  for (const run of ['one', 'two']) {
    const files = openLogFiles(directory, fail)
    files.add(lineOf('/aws/lambda/tally', `${run} → 東京`))
    files.add(lineOf('/aws/lambda/other', run))
    files.add(lineOf('aws/lambda/tally', 'another group'))
    await files.close()
  }
  expect(readdirSync(directory).toSorted()).toEqual([
    '+aws+lambda+other.log',
    '+aws+lambda+tally.log',
    'aws+lambda+tally.log',
  ])
  expect(readFileSync(join(directory, '+aws+lambda+tally.log'), 'utf8')).toBe(
    `${begin}one → 東京\n${begin}two → 東京\n`,
  )
})

test('a text of more lines stays one entry, and is there before the files are closed', () => {
  const directory = temporaryDirectory()
  const files = openLogFiles(directory, fail)
  onTestFinished(() => files.close())
  files.add(lineOf('group', 'Error\nRuntime.ExitError'))
  expect(readFileSync(join(directory, 'group.log'), 'utf8')).toBe(`${begin}Error\n\tRuntime.ExitError\n`)
})

test('without lines there are no files, and after the end there are no more lines', async () => {
  const directory = temporaryDirectory()
  const files = openLogFiles(directory, fail)
  await files.close()
  files.add(lineOf('group', 'late'))
  expect(readdirSync(directory)).toEqual([])
})

test('a file that cannot be written is told of once, and the others go on', () => {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'bad.log'))
  const errors: unknown[] = []
  const files = openLogFiles(directory, (error) => errors.push(error))
  onTestFinished(() => files.close())
  files.add(lineOf('bad', 'one'))
  files.add(lineOf('good', 'one'))
  files.add(lineOf('bad', 'two'))
  expect(errors).toEqual([expect.objectContaining({ code: 'EISDIR' })])
  expect(existsSync(join(directory, 'good.log'))).toBe(true)
})

test('a directory that cannot be made is an error at once', () => {
  expect(() => openLogFiles('/dev/null/logs', fail)).toThrow('/dev/null')
})

test('what is in the way of a directory is named', () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  for (const directory of [file, join(file, 'logs')])
    expect(() => openLogFiles(directory, fail)).toThrow(`${directory}: it is a file, or in one`)
})
