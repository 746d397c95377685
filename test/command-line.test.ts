import { Command, InvalidArgumentError } from 'commander'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommand, share, timeMs, wholeNumberFrom } from '../command-line.ts'

function fail(): void {
  throw new TypeError('the disk is full')
}

describe('runCommand', () => {
  const argv = process.argv
  const said: string[] = []

  beforeEach(() => {
    said.length = 0
    vi.spyOn(console, 'error').mockImplementation((text: string) => void said.push(text))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    process.argv = argv
    process.exitCode = undefined
  })

  async function exitCodeOf(args: readonly string[], action: () => void = () => undefined): Promise<unknown> {
    process.argv = ['node', 'tool', ...args]
    const output = { writeOut: () => undefined, writeErr: (text: string) => void said.push(text) }
    const subcommand = new Command('work').option('--fast').action(action).configureOutput(output)
    await runCommand(new Command('tool').configureOutput(output).addCommand(subcommand))
    return process.exitCode
  }

  it('leaves the exit code alone when the command is done', async () => {
    expect(await exitCodeOf(['work', '--fast'])).toBeUndefined()
    expect(said).toEqual([])
  })

  it.each([['--help'], ['work', '--help']])(
    'ends with 0 after help was asked for: %s %s',
    async (...args) => {
      expect(await exitCodeOf(args)).toBe(0)
    },
  )

  it.each([['work', '--slow'], ['rest'], ['work', 'too', 'much'], []])(
    'ends with 2 for a wrong command line: %s %s %s',
    async (...args) => {
      expect(await exitCodeOf(args)).toBe(2)
    },
  )

  it('ends with 1 and one line, without a stack, when the command fails', async () => {
    expect(await exitCodeOf(['work'], fail)).toBe(1)
    expect(said).toEqual(['error: the disk is full'])
  })
})

describe('wholeNumberFrom', () => {
  it('takes whole numbers from its least on', () => {
    expect(['1', '20', '9007199254740991'].map(wholeNumberFrom(1))).toEqual([1, 20, 9_007_199_254_740_991])
  })

  it.each(['0', '-1', '1.5', '1e3', '', ' ', '0x10', '9007199254740993', 'ten'])('refuses %j', (text) => {
    expect(() => wholeNumberFrom(1)(text)).toThrow(InvalidArgumentError)
  })
})

describe('share', () => {
  it.each([
    ['5%', 0.05],
    ['12.5%', 0.125],
    ['0.05', 0.05],
    ['0', 0],
    ['100%', 1],
    ['1', 1],
  ])('reads %s', (text, value) => {
    expect(share(text)).toBe(value)
  })

  it.each(['', ' ', '%', ' %', '-1%', '101%', '1.01', '5 %', '0x1', 'half'])('refuses %j', (text) => {
    expect(() => share(text)).toThrow(InvalidArgumentError)
  })
})

describe('timeMs', () => {
  it.each([
    ['0', 0],
    ['1760000000000', 1_760_000_000_000],
    ['2026-05-01T12:00:00Z', Date.UTC(2026, 4, 1, 12)],
    ['2026-05-01T12:00:00.250+02:00', Date.UTC(2026, 4, 1, 10, 0, 0, 250)],
    ['2026-05-01', Date.UTC(2026, 4, 1)],
  ])('reads %s', (text, value) => {
    expect(timeMs(text)).toBe(value)
  })

  it.each(['', ' ', 'yesterday', 'JFK 3', '1.5', '2026-13-01', '2026-05-01T25:00Z'])('refuses %j', (text) => {
    expect(() => timeMs(text)).toThrow(InvalidArgumentError)
  })
})
