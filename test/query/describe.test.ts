import { describe as suite, expect, it } from 'vitest'
import { describe } from '../../consumers/engine/describe.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { runScript } from '../run-script.ts'

const load = ['--records-per-second', '1000', '--shards', '4', '--groups', '300']
const run = (...args: readonly string[]) => runScript('query/describe.ts', args)

suite.concurrent('the estimate on the command line', () => {
  it('prints the estimate of the very load as JSON', async () => {
    const more = ['--batching-window', '500', '--batch-size', '200', '--lanes', '2', '--other-partition-key']
    const { exitCode, stdout, stderr } = await run('flights', ...load, '--json', ...more)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const expected = describe(flights, {
      recordsPerSecond: 1_000,
      shards: 4,
      groups: 300,
      batchingWindowMs: 500,
      batchSize: 200,
      parallelizationFactor: 2,
      isPartitionedOtherwise: true,
    })
    expect(JSON.parse(stdout)).toEqual(expected)
  })

  it('prints it to be read, and that there is nothing to warn of', async () => {
    const { exitCode, stdout } = await run('flights', ...load)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}events +15,000$/m)
    expect(stdout).toMatch(/^ {2}a key of origin +1$/m)
    expect(stdout).toMatch(/\nnothing to warn of\n$/)
  })

  it('warns, and still ends with 0: it has done what it was asked', async () => {
    const groups = ['--groups', 'origin=300,route=90000']
    const { exitCode, stdout } = await run('flights', ...load, ...groups)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^warning: cells would hold \d+ groups, over the 5000 of maximumGroups: /m)
    expect(stdout).not.toContain('nothing to warn of')
  })
})

suite.concurrent('a wrong command line ends with 2 and one line that says what is wrong', () => {
  it.each([
    [
      ['flights', '--shards', '4', '--groups', '3'],
      "required option '--records-per-second <n>' not specified",
    ],
    [['flights', ...load, '--shards', '0'], 'It is a whole number of at least 1.'],
    [['flights', ...load, '--groups', 'origin=3,5'], 'It is a number, or such as origin=300,route=3000.'],
    [['flights', ...load, '--groups', 'airline=3'], 'flights has no grouping airline; it has origin, route'],
    [['trains', ...load], 'Allowed choices are flights'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(message)
  })
})
