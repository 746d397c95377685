import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type EnvironmentSetting, environmentVariables, runtimeDirectory } from './environment-variables.ts'
import type { FunctionConfiguration } from './function-configuration.ts'

/** The runtime client that Lambda's Node runtime is here. */
export const ownRuntimeClient = join(runtimeDirectory, 'bootstrap.mjs')

/**
 * Starts a runtime client on a function's code, in a process group of its own: Ctrl-C in the terminal does
 * not reach it, and `killGroup` takes what it started with it. Its standard input is empty.
 */
export function spawnRuntime(
  configuration: FunctionConfiguration,
  setting: EnvironmentSetting,
  runtimeClient: string,
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [...heapFlags(configuration), runtimeClient], {
    cwd: configuration.codeDirectory,
    detached: true,
    env: environmentVariables(configuration, setting),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Sends SIGKILL to the process group that `pid` leads; does nothing if none of it is alive. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // macOS says EPERM of a group whose processes have all ended but are not reaped yet.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

/** The share of memory that Lambda's own Node runtime gives to V8: 90 % old space, 5 % a semi-space. */
function heapFlags({ memorySizeMb }: FunctionConfiguration): string[] {
  const newSpaceMb = Math.floor(memorySizeMb / 10)
  return [
    `--max-semi-space-size=${Math.floor(newSpaceMb / 2)}`,
    `--max-old-space-size=${memorySizeMb - newSpaceMb}`,
  ]
}
