import { type Command, CommanderError, InvalidArgumentError } from 'commander'

/**
 * Runs a command line to its end with the exit codes of all our commands: 0 done, 1 failed, 2 wrong usage. A failure is
 * one line on stderr.
 */
export async function runCommand(command: Command): Promise<void> {
  command.exitOverride()
  for (const subcommand of command.commands) subcommand.exitOverride()
  try {
    await command.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
    else {
      process.exitCode = 1
      console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

/** Parses a whole number of at least `least`. */
export function wholeNumberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It is a whole number of at least ${least}.`)
  }
}

/** Parses `5%` or `0.05` into a share from 0 to 1. */
export function share(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text)
  if (/^\d+(\.\d+)?%?$/.test(text) && value <= 1) return value
  throw new InvalidArgumentError('It is a share such as 5% or 0.05.')
}

/** Parses a time: ISO 8601, or epoch milliseconds. */
export function timeMs(text: string): number {
  // Date.parse alone takes nearly any text that ends in a number for a date.
  const isIso = /^\d{4}-\d{2}-\d{2}/.test(text)
  const value = isIso ? Date.parse(text) : Number(text)
  if ((isIso || /^\d+$/.test(text)) && Number.isFinite(value)) return value
  throw new InvalidArgumentError('It is a time such as 2026-05-01T12:00:00Z, or epoch milliseconds.')
}
