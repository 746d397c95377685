import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What DynamoDB Local needs. */
const leastVersion = 11
/** A Java that is sound says its version in a tenth of a second. */
const answerWithinMs = 10_000

/** A Java that is new enough, or why there is none. */
export type JavaSearch =
  | {
      /** Its path, or `java` where `PATH` leads to it. */
      readonly command: string
      readonly version: number
    }
  | {
      readonly command?: undefined
      /** One line, with how to get one. */
      readonly reason: string
    }

/** Looks for Java 11 or newer: where `JAVA_HOME` says, then on `PATH`. */
export async function findJava(environment: NodeJS.ProcessEnv): Promise<JavaSearch> {
  const { JAVA_HOME: home } = environment
  const tooOld: string[] = []
  for (const command of [...(home ? [join(home, 'bin', 'java')] : []), 'java']) {
    const version = await versionOf(command, environment)
    if (version !== undefined && version >= leastVersion) return { command, version }
    if (version !== undefined) tooOld.push(`${command} is Java ${version}`)
  }
  const found = tooOld.length > 0 ? tooOld.join(' and ') : 'there is none in JAVA_HOME or on PATH'
  return {
    reason: `Java ${leastVersion} or newer is needed, but ${found}; on Debian: apt-get install openjdk-17-jre-headless`,
  }
}

async function versionOf(command: string, environment: NodeJS.ProcessEnv): Promise<number | undefined> {
  try {
    const { stderr } = await promisify(execFile)(command, ['-version'], {
      env: environment,
      timeout: answerWithinMs,
    })
    return javaVersion(stderr)
  } catch {
    // None there, or one that does not run, such as the stand-in that macOS has for it.
    return undefined
  }
}

/** The feature release in what `java -version` prints: 17 of `"17.0.15"`, 8 of `"1.8.0_422"`; `undefined` if there is none. */
export function javaVersion(printed: string): number | undefined {
  const [, version] = /version "(?:1\.)?(\d+)/.exec(printed) ?? []
  return version === undefined ? undefined : Number(version)
}
