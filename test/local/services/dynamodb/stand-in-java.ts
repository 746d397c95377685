import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/**
 * A directory as `JAVA_HOME` names it, in which `java -version` prints that version; all else is up to `script`. Its
 * `bin` is what `PATH` may hold.
 */
export function standInJava(version: string, script = ''): { readonly home: string; readonly bin: string } {
  const home = mkdtempSync(join(tmpdir(), 'stand-in-java-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const text = `#!/bin/sh\nif [ "$1" = -version ]; then echo 'openjdk version "${version}" 2025-04-15' >&2; exit 0; fi\n${script}\n`
  writeFileSync(join(bin, 'java'), text)
  chmodSync(join(bin, 'java'), 0o755)
  return { home, bin }
}
