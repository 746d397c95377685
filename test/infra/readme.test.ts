import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withDefaults } from '../../infra/constructs/consumer-settings.ts'
import { stages } from '../../infra/stages.ts'

const infra = join(import.meta.dirname, '..', '..', 'infra')
const readme = readFileSync(join(infra, 'README.md'), 'utf8')

/** The members of an interface, as its source has them. */
function membersOf(file: string, name: string): readonly string[] {
  const source = readFileSync(join(infra, file), 'utf8')
  const [, body = ''] = new RegExp(`interface ${name} [^{]*{\n([\\s\\S]*?)\n}`).exec(source) ?? []
  return Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, member = '']) => member)
}

type NumberName = 'batchSize' | 'memoryMb' | 'shardCount' | 'parallelizationFactor' | 'reservedConcurrency'

/** Default, dev and prod. */
function numbers(name: NumberName, usual?: number): string[] {
  return [usual, stages.dev[name], stages.prod[name]].map((value) => value?.toLocaleString('en') ?? 'none')
}

describe('the settings', () => {
  it.each([
    ['constructs/consumer-settings.ts', 'ConsumerSettings', 'batchSize'],
    ['constructs/stream-consumer.ts', 'StreamConsumerProps', 'filterPatterns'],
    ['constructs/failed-records-bucket.ts', 'FailedRecordsBucketProps', 'retention'],
    ['stream-processing-stack.ts', 'StreamProcessingProps', 'natGateways'],
  ])('of %s are all explained', (file, name, one) => {
    const members = membersOf(file, name)
    expect(members).toContain(one)
    expect(members.filter((member) => !new RegExp(`\`${member}[\`:]`).test(readme))).toEqual([])
  })

  // Default, dev and prod.
  const rows = new Map(
    Array.from(
      readme.matchAll(/^\| `(\w+)` +\| ([^|]*)\| ([^|]*)\| ([^|]*)\|.*\|.*\|$/gm),
      ([, name = '', ...cells]) => [name, cells.map((cell) => cell.trim())],
    ),
  )
  const defaults = withDefaults({ parallelizationFactor: 1 })
  const seconds = (name: 'batchingWindow' | 'timeout') =>
    [defaults, stages.dev, stages.prod].map((of) => `${of[name].toSeconds()} s`)

  it.each([
    ['shardCount', numbers('shardCount')],
    ['parallelizationFactor', numbers('parallelizationFactor')],
    ['batchSize', numbers('batchSize', defaults.batchSize)],
    ['batchingWindow', seconds('batchingWindow')],
    ['memoryMb', numbers('memoryMb', defaults.memoryMb)],
    ['timeout', seconds('timeout')],
    ['reservedConcurrency', numbers('reservedConcurrency')],
  ])('have the values that %s is said to have', (name, values) => {
    expect(rows.get(name)).toEqual(values)
  })
})
