import { Command } from 'commander'
import { runCommand, wholeNumberFrom } from '../command-line.ts'
import type { LocalStack } from '../local/main.ts'
import { synthesise } from '../local/synthesise.ts'
import { screenOf } from './screen.ts'

interface Options {
  readonly once?: true
  readonly chaos?: true
  readonly limit?: number
  readonly json?: true
  /** False for --no-demo. */
  readonly demo: boolean
  readonly app?: string
  readonly logDirectory?: string
}

/** Each of these ends the demo in order. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const screen = screenOf(process.stdout, (text) => console.error(text))
const say = (text: string): void => screen.say(text)

const command = new Command('npm start --')
  .description(
    'Runs the whole product on this machine: producer, stream, mapping, function, Momento, and back.',
  )
  .option(
    '--once',
    'send 20,000 departures and write 9,000 orders, prove that each was counted once, and end; exit code 1 if not',
  )
  .option('--limit <count>', 'with --once: send so many departures instead', wholeNumberFrom(1))
  .option('--chaos', 'with --once: kill functions, lose answers and take Momento away meanwhile')
  .option('--json', 'with --once: print the result as one line of JSON')
  .option('--no-demo', 'only the stack: print one line of JSON that says where everything is, and stay up')
  .option('--app <directory>', 'as --no-demo, for any cloud assembly, as cdk synth writes it')
  .option('--log-directory <directory>', 'append the log of each function to a file there, too')
  .addHelpText(
    'after',
    '\nWithout options it sends departures and writes orders at a steady rate until Ctrl-C.',
  )
  .action(demonstrate)

async function demonstrate(options: Options): Promise<void> {
  const isIdle = !options.demo || options.app !== undefined
  if (options.json && !options.once) command.error('error: --json goes with --once')
  if (options.chaos && !options.once) command.error('error: --chaos goes with --once')
  if (options.limit !== undefined && !options.once) command.error('error: --limit goes with --once')
  if (options.once && isIdle)
    command.error('error: --once is the demo: it goes neither with --no-demo nor with --app')
  const interruption = new AbortController()
  const { signal } = interruption
  const interrupt = (): void => interruption.abort()
  for (const name of endings) process.on(name, interrupt)
  // Whoever read the output has gone, as in `npm start | head`.
  process.stdout.on('error', interrupt)
  try {
    await withStack(options, signal, async (stack) => {
      if (isIdle) return (await import('./serve.ts')).serveStack(stack, signal)
      if (options.once) return prove(stack, options, signal)
      return (await import('./live.ts')).showLive(stack, screen, signal)
    })
  } catch (error) {
    if (!signal.aborted) throw error
    // Ctrl-C is the ordinary end of what runs until then; a proof that was cut short proves nothing.
    if (options.once) throw new Error('interrupted', { cause: error })
  } finally {
    for (const name of endings) process.off(name, interrupt)
  }
}

async function prove(stack: LocalStack, { chaos, json, limit }: Options, signal: AbortSignal): Promise<void> {
  const { isExact, provePipelines } = await import('./once.ts')
  const faults = chaos && (await import('./chaos.ts')).startChaos(stack, say)
  // Results are read back in peace: what is to be proved is that they were counted right.
  const onDrained = (): void => {
    if (faults) say(`chaos: ${inList(faults.stop())}`)
  }
  const results = await provePipelines(stack, {
    departures: limit,
    say,
    signal,
    isDisturbed: chaos === true,
    onDrained,
  }).finally(() => faults?.stop())
  if (json) console.log(JSON.stringify(results))
  else console.log((await import('./in-words.ts')).resultsInWords(results))
  if (!Object.values(results).every(isExact)) process.exitCode = 1
}

async function withStack(
  { app: assemblyDirectory, logDirectory }: Pick<Options, 'app' | 'logDirectory'>,
  signal: AbortSignal,
  use: (stack: LocalStack) => Promise<void>,
): Promise<void> {
  if (assemblyDirectory === undefined) say('synthesising the stack')
  // Most of the start is the synthesis, in a process of its own: everything else is loaded meanwhile.
  const [app, { startLocalStack }] = await Promise.all([
    assemblyDirectory === undefined ? synthesise({ signal }) : undefined,
    import('../local/main.ts'),
  ])
  try {
    const stack = await startLocalStack({
      assemblyDirectory: app?.directory ?? assemblyDirectory ?? '',
      onLog: ({ functionName, text }) => say(`${functionName}: ${text}`),
      onNotice: say,
      logDirectory,
    })
    try {
      say(`the stack is up: ${inList(stack.endpoints)}`)
      await use(stack)
    } finally {
      await stack.close()
    }
  } finally {
    await app?.remove()
  }
}

function inList(entries: object): string {
  return Object.entries(entries)
    .map((entry) => entry.join(' '))
    .join(', ')
}

// The AWS SDK would say in every process that it will ask for Node 22 one day.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'

await runCommand(command)
