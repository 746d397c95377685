import { randomBytes } from 'node:crypto'
import type { FunctionConfiguration } from './function-configuration.ts'
import type { LogLine } from './log-lines.ts'
import type { PlatformLine } from './platform-lines.ts'

/** Where the lines of an environment go, and the clock that stamps them. */
export interface EnvironmentLogOptions {
  readonly onLog: (line: LogLine) => void
  readonly onPlatformLog: (line: PlatformLine) => void
  readonly nowMs: () => number
}

/** The log stream of one environment: lines of the function and of the platform, each with the latest invocation. */
export class EnvironmentLog {
  readonly logStreamName: string
  readonly #configuration: FunctionConfiguration
  readonly #options: EnvironmentLogOptions
  #requestId: string | undefined

  constructor(configuration: FunctionConfiguration, options: EnvironmentLogOptions) {
    this.#configuration = configuration
    this.#options = options
    const day = new Date(options.nowMs()).toISOString().slice(0, 10).replaceAll('-', '/')
    this.logStreamName = `${day}/[$LATEST]${randomBytes(16).toString('hex')}`
  }

  /** Lines from now on are of this invocation. */
  begin(requestId: string): void {
    this.#requestId = requestId
  }

  /** A line that the function wrote. */
  write(output: LogLine['output'], text: string): void {
    this.#options.onLog({ ...this.#line(text), output })
  }

  /** A line of the platform. */
  writePlatform(text: string): void {
    this.#options.onPlatformLog(this.#line(text))
  }

  #line(text: string): PlatformLine {
    const { functionName, logGroupName } = this.#configuration
    return {
      functionName,
      logGroupName,
      logStreamName: this.logStreamName,
      requestId: this.#requestId,
      timestampMs: this.#options.nowMs(),
      text,
    }
  }
}
