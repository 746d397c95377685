import type { Command, Option } from 'commander'
import { wholeNumberFrom } from '../../command-line.ts'
import { type Journal, openJournal } from './journal.ts'
import { type Progress, startProgress } from './progress.ts'

/** A call without an answer has failed by then; the SDK's own default is to wait for ever. */
export const requestTimeoutMs = 10_000

/** The options that every producer has. */
export interface RunOptions {
  readonly rate?: number
  readonly concurrency: number
  readonly journal?: string
  readonly json?: true
}

/** What a producer counts, and how that is told. */
export interface Tally<Summary extends object> {
  /** What is counted in `done`, such as `records`. */
  readonly noun: string
  /** How much there is to do; default unknown. */
  readonly total?: number
  progress(): Progress
  /** Of a run that has ended, in its members' order. */
  summary(): Summary
  inWords(summary: Summary, seconds: number): string
}

/** Adds the options of `RunOptions` to a producer's command. */
export function withRunOptions(
  command: Command,
  { source, noun, calls, concurrency }: { source: Option; noun: string; calls: string; concurrency: number },
): Command {
  return command
    .addOption(source.makeOptionMandatory())
    .option(`--rate <${noun}>`, `${noun} a second (default: as fast as they are taken)`, wholeNumberFrom(1))
    .option('--concurrency <calls>', `${calls} under way at once`, wholeNumberFrom(1), concurrency)
    .option('--journal <file>', `write one JSON line for each of the ${noun} that was acknowledged`)
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nRegion, credentials and endpoints come from the standard AWS environment variables.',
    )
}

/**
 * Runs a producer with progress, journal and summary. Ctrl-C ends it in order: the signal is aborted, and what the
 * producer finishes after that is journalled and summed up too.
 * @throws what producing or journalling fails with, after the summary.
 */
export async function runProducer<Summary extends object>(
  { journal: path, json }: Pick<RunOptions, 'journal' | 'json'>,
  tally: Tally<Summary>,
  run: (signal: AbortSignal, journal: Journal | undefined) => Promise<void>,
): Promise<void> {
  const interruption = new AbortController()
  const interrupt = (): void => interruption.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)

  const journal = path === undefined ? undefined : await openJournal(path)
  const startedMs = Date.now()
  const progress = startProgress(tally.noun, () => tally.progress(), tally.total)
  let isFailed = false
  try {
    await run(interruption.signal, journal)
  } catch (error) {
    isFailed = true
    throw error
  } finally {
    progress.stop()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    // After a failure too: whoever goes on has to know what was written.
    const seconds = (Date.now() - startedMs) / 1_000
    const summary = tally.summary()
    const interrupted = interruption.signal.aborted
    const inWords = `${interrupted ? 'interrupted: ' : ''}${tally.inWords(summary, seconds)}`
    console.log(json ? JSON.stringify({ ...summary, seconds, interrupted }) : inWords)
    await journal?.close().catch((error: unknown) => {
      if (!isFailed) throw error
      console.error(`the journal is not complete: ${String(error)}`)
    })
  }
}
