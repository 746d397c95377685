import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { screenOf } from '../../demo/screen.ts'

/** A screen, and what a terminal of some size has after all that was written to it. */
function watchedScreen(size: { readonly columns?: number; readonly rows?: number } = {}) {
  const terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), size)
  const screen = screenOf(terminal, (text) => void terminal.write(`${text}\n`))
  return { screen, lines: () => linesOf(String(terminal.read() ?? '')) }
}

/** Knows the two sequences that move up some lines and clear all below. */
function linesOf(written: string): readonly string[] {
  const lines: string[] = []
  let row = 0
  // oxlint-disable-next-line no-control-regex -- these are the control characters of terminals
  for (const [, up, text] of written.matchAll(/\u001B\[(\d+)A|\u001B\[0J|([^\n\u001B]*)\n/g)) {
    if (up !== undefined) row -= Number(up)
    else if (text === undefined) lines.length = row
    else lines[row++] = text
  }
  return lines
}

test('lines take the place of those before, be they more or fewer', () => {
  const { screen, lines } = watchedScreen()
  screen.show(['one'])
  screen.show(['two', 'three', 'four'])
  screen.show(['five', 'six'])
  expect(lines()).toEqual(['five', 'six'])
})

test('what is said stays, above the lines that are shown', () => {
  const { screen, lines } = watchedScreen()
  screen.say('first')
  screen.show(['one', 'two'])
  screen.say('second')
  screen.say('third')
  screen.show(['three'])
  expect(lines()).toEqual(['first', 'second', 'third', 'three'])
})

test('lines are cut to the width of the terminal, and to the last ones that it has room for', () => {
  const { screen, lines } = watchedScreen({ columns: 5, rows: 3 })
  screen.show(['one', 'two', 'three hundred'])
  expect(lines()).toEqual(['two', 'thre'])
})
