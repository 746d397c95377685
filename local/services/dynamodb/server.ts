import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { findJava } from './find-java.ts'

const emulatorDirectory = fileURLToPath(
  new URL('emulator', import.meta.resolve('amplify-dynamodb-simulator/package.json')),
)
/** It takes about a second alone on a machine. */
const startWithinMs = 60_000
/** What is kept of its output, to say why it ended. */
const keptOutputCharacters = 8_192

/** What {@link startDynamoDb} needs. */
export interface DynamoDbOptions {
  /** Where Java is looked for: `JAVA_HOME` and `PATH`. Default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv
  /** Takes one line if it ends before it is closed. */
  readonly onEnd: (text: string) => void
}

/** A running DynamoDB on 127.0.0.1. */
export interface RunningDynamoDb {
  /** Such as `http://127.0.0.1:40123`, of tables and their streams alike. */
  readonly endpoint: string
  /** Resolves when its process has ended. */
  close(): Promise<void>
}

/**
 * Runs AWS's DynamoDB Local, in memory, the same for all credentials and regions, without telemetry. It leads a process
 * group of its own, so that Ctrl-C in a terminal does not reach it, and ends with this process, however that ends.
 * @throws Error of one line where there is no Java, or it does not start within a minute.
 */
export async function startDynamoDb({
  environment = process.env,
  onEnd,
}: DynamoDbOptions): Promise<RunningDynamoDb> {
  const java = await findJava(environment)
  if (java.command === undefined) throw new Error(`DynamoDB Local: ${java.reason}`)
  const child = spawn(java.command, javaArguments, {
    cwd: emulatorDirectory,
    detached: true,
    env: { PATH: environment['PATH'], DDB_LOCAL_TELEMETRY: '0' },
    // Its input stays open and empty; it ends where this process does.
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  try {
    const port = await portOf(child)
    let isClosing = false
    child.once('close', () => {
      if (!isClosing) onEnd(`DynamoDB Local has ended: ${howItEnded(child)}`)
    })
    return {
      endpoint: `http://127.0.0.1:${port}`,
      close: async () => {
        isClosing = true
        child.kill('SIGKILL')
        await ended
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    throw error
  }
}

const javaArguments = [
  // A short life pays for no second compiler and no second collector.
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  `-Djava.library.path=${join(emulatorDirectory, 'DynamoDBLocal_lib')}`,
  '-cp',
  ['DynamoDBLocal.jar', join('DynamoDBLocal_lib', '*')].join(delimiter),
  'org.eclipse.jetty.xml.XmlConfiguration',
  join(import.meta.dirname, 'server.xml'),
]

/** Resolves with the port when it is said, which is when it takes requests. */
function portOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const fail = (why: string): void => {
      clearTimeout(timer)
      reject(
        new Error(`DynamoDB Local did not start: ${[why, lastWords(output)].filter(Boolean).join(': ')}`),
      )
    }
    const timer = setTimeout(() => fail(`no port within ${startWithinMs} ms`), startWithinMs)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-keptOutputCharacters)
        const [, port] = /^(\d+)\r?\n/m.exec(output) ?? []
        if (port === undefined) return
        clearTimeout(timer)
        resolve(port)
      })
    }
    // A broken pipe; that it has ended is what says so.
    child.stdin.on('error', () => undefined)
    child.once('error', (error) => fail(error.message))
    child.once('close', () => fail(howItEnded(child)))
  })
}

function howItEnded({
  exitCode,
  signalCode,
}: {
  exitCode: number | null
  signalCode: string | null
}): string {
  return signalCode === null ? `exit code ${exitCode}` : signalCode
}

/** The last line that is not of a stack trace. */
function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => /^\S/.test(line))
  return lines.at(-1)?.trim() ?? ''
}
