import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts'
import { type InvokeResult, LambdaFunction } from '../../../local/lambda/lambda-function.ts'
import type { LambdaFunctionOptions } from '../../../local/lambda/lambda-function.ts'
import type { LogLine } from '../../../local/lambda/log-lines.ts'
import type { PlatformLine } from '../../../local/lambda/platform-lines.ts'
import { configurationOf } from './function-configuration-fixture.ts'

/** Another runtime client than our own, such as AWS's, on which the tests are to hold too. */
const { TEST_RUNTIME_CLIENT: runtimeClient } = process.env

/** A directory with one module, removed when the test has finished. */
export function codeDirectory(source: string, fileName = 'index.mjs'): string {
  const directory = mkdtempSync(join(tmpdir(), 'lambda-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, fileName), source)
  return directory
}

/** A function of the given source, closed when the test has finished, and the lines that it logs. */
export function functionOf(
  source: string,
  changes: Partial<FunctionConfiguration> & { fileName?: string } = {},
  options: Partial<LambdaFunctionOptions> = {},
) {
  const { fileName, ...configuration } = changes
  const log = new LogWatch()
  const directory = codeDirectory(source, fileName)
  const lambda = new LambdaFunction(configurationOf(directory, configuration), {
    onLog: (line) => log.add(line),
    ...(runtimeClient !== undefined && { runtimeClient }),
    ...options,
  })
  onTestFinished(() => lambda.close())
  return { lambda, log }
}

/** A function, and in one list the lines that it and the platform write. */
export function loggedFunctionOf(
  source: string,
  changes: Partial<FunctionConfiguration> = {},
  options: Partial<LambdaFunctionOptions> = {},
) {
  const lines: (LogLine | PlatformLine)[] = []
  const { lambda, log } = functionOf(source, changes, {
    onLog: (line) => {
      lines.push(line)
      log.add(line)
    },
    onPlatformLog: (line) => lines.push(line),
    ...options,
  })
  return { lambda, log, lines, texts: () => lines.map(({ text }) => messageOf(text)) }
}

/** What the function wrote: AWS's runtime puts a time, the request and a level before it. */
function messageOf(text: string): string {
  return text.replace(/^[\d-]+T[\d:.]+Z\t\S+\tINFO\t/, '')
}

/** The answer of an invocation, parsed; throws if it has none. */
export function answerOf(result: InvokeResult): unknown {
  if (result.outcome !== 'answered') throw new Error(JSON.stringify(result))
  return JSON.parse(result.payload)
}

/** Whether a process of that id exists. */
export function isAlive(pid: unknown): boolean {
  if (typeof pid !== 'number') throw new TypeError('Not a process id')
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Collects lines and tells when a wanted one comes. */
class LogWatch {
  readonly lines: LogLine[] = []
  #waiting: { text: string; count: number; resolve: () => void }[] = []

  add(line: LogLine): void {
    this.lines.push(line)
    for (const waiter of this.#waiting) if (this.#count(waiter.text) >= waiter.count) waiter.resolve()
  }

  /** Resolves once `count` lines of exactly that text were logged. */
  seen(text: string, count = 1): Promise<void> {
    return new Promise((resolve) => {
      if (this.#count(text) >= count) resolve()
      else this.#waiting.push({ text, count, resolve })
    })
  }

  #count(text: string): number {
    return this.lines.filter((line) => messageOf(line.text) === text).length
  }
}
