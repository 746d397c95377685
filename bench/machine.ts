import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** What a measurement was made on, in one line. */
export function machine(): string {
  return `${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`
}

/** The commit that is measured, marked where files differ from it; results that are just being written do not count. */
export function commit(): string {
  const changes = git('status', '--porcelain', '--', '.', ':!bench/results', ':!bench/README.md')
  return git('rev-parse', '--short', 'HEAD') + (changes === '' ? '' : ' with changes')
}

function git(...options: readonly string[]): string {
  return execFileSync('git', options, { encoding: 'utf8' }).trim()
}
