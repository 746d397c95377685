import { Command } from 'commander'
import { runCommand } from '../command-line.ts'
import { type LocalStack, startLocalStack, synthesise } from '../local/main.ts'
import { showFlights } from './live.ts'
import { type ProofResult, proveFlights } from './once.ts'

interface Options {
  readonly once?: true
  readonly json?: true
}

/** Each of these ends the demo in order. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const say = (text: string): void => console.error(text)

const command = new Command('npm start --')
  .description(
    'Runs the whole product on this machine: producer, stream, mapping, function, Momento, and back.',
  )
  .option('--once', 'send 20,000 departures, prove that each was counted once, and end; exit code 1 if not')
  .option('--json', 'with --once: print the result as one line of JSON')
  .addHelpText('after', '\nWithout --once it sends departures at a steady rate until Ctrl-C.')
  .action(demonstrate)

async function demonstrate(options: Options): Promise<void> {
  if (options.json && !options.once) command.error('error: --json goes with --once')
  const interruption = new AbortController()
  const { signal } = interruption
  const interrupt = (): void => interruption.abort()
  for (const name of endings) process.on(name, interrupt)
  // Whoever read the output has gone, as in `npm start | head`.
  process.stdout.on('error', interrupt)
  try {
    await withStack(signal, async (stack) => {
      if (!options.once) return showFlights(stack, say, signal)
      const result = await proveFlights(stack, { say, signal })
      console.log(options.json ? JSON.stringify({ flights: result }) : inWords(result))
      if (!isExact(result)) process.exitCode = 1
    })
  } catch (error) {
    if (!signal.aborted) throw error
    // Ctrl-C is the ordinary end of the live demo; a proof that was cut short proves nothing.
    if (options.once) throw new Error('interrupted', { cause: error })
  } finally {
    for (const name of endings) process.off(name, interrupt)
  }
}

async function withStack(signal: AbortSignal, use: (stack: LocalStack) => Promise<void>): Promise<void> {
  say('synthesising the stack')
  const app = await synthesise({ signal })
  try {
    const stack = await startLocalStack({
      assemblyDirectory: app.directory,
      onLog: ({ functionName, text }) => say(`${functionName}: ${text}`),
      onNotice: say,
    })
    try {
      say(
        `the stack is up: ${Object.entries(stack.endpoints)
          .map((endpoint) => endpoint.join(' '))
          .join(', ')}`,
      )
      await use(stack)
    } finally {
      await stack.close()
    }
  } finally {
    await app.remove()
  }
}

function isExact({ mismatches, counted, sent, rejected, garbageSent }: ProofResult): boolean {
  return mismatches === 0 && counted === sent && rejected === garbageSent
}

function inWords(result: ProofResult): string {
  const verdict = isExact(result) ? 'exact' : `NOT EXACT: ${result.mismatches} mismatches`
  return [
    `${verdict}: ${result.sent} departures sent, ${result.counted} counted, in ${result.groups} groups`,
    `${result.duplicatesSent} repeats sent, ${result.duplicatesDropped} dropped`,
    `${result.garbageSent} unreadable records sent, ${result.rejected} in the failed-records bucket`,
    `${result.invocations} invocations in ${result.environments} environments, ${result.storeRequests} Momento requests`,
    `${result.recordsPerSecond} records/s, ${result.seconds} s in all`,
  ].join('\n')
}

// The AWS SDK would say in every process that it will ask for Node 22 one day.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'

await runCommand(command)
