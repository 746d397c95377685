import { describe, expect, it } from 'vitest'
import { comparedPaces } from '../../infra/tuning/backlog-pace.ts'
import { tune } from '../../infra/tuning/tune.ts'
import { runScript } from '../run-script.ts'

const load = ['--peak', '2000', '--record-bytes', '400', '--lag-target', '5s']
const run = (...args: readonly string[]) => runScript('infra/tune.ts', args)

describe.concurrent('the recommendation on the command line', () => {
  it('prints the tuning of the very load as JSON', async () => {
    const more = [
      '--mean',
      '300',
      '--keys',
      '2000',
      '--busiest-key',
      '1%',
      '--batch-ms',
      '12.5',
      '--record-ms',
      '.2',
    ]
    const rest = ['--readers', '2', '--shards', '8', '--memory', '1024']
    const momento = [
      '--momento-operations-per-second',
      '500',
      '--requests-per-batch',
      '3',
      '--cell-bytes',
      '2048',
    ]
    const { exitCode, stdout, stderr } = await run(...load, ...more, ...rest, ...momento, '--json')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const workload = {
      meanRecordsPerSecond: 300,
      peakRecordsPerSecond: 2_000,
      recordBytes: 400,
      partitionKeys: 2_000,
      busiestKeyShare: 0.01,
      batchMs: 12.5,
      recordMs: 0.2,
      lagTargetMs: 5_000,
      readers: 2,
      shardCount: 8,
      memoryMb: 1_024,
      momentoOperationsPerSecond: 500,
      requestsPerBatch: 3,
      cellBytes: 2_048,
    }
    const tuning = tune(workload)
    const backlogPaces = comparedPaces(workload, tuning)
    expect(JSON.parse(stdout)).toEqual({ workload, ...tuning, backlogPaces })
  })

  it('prints it to be read, with the reasons', async () => {
    const { exitCode, stdout } = await run(...load)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}shards +3 {2}the fewest /m)
    expect(stdout).toMatch(/^ {2}lag +[\d.]+ s {2}/m)
    expect(stdout).toMatch(/^ {2}at factor 5 +[\d,]+ records\/s {2}[\d.]+ times as many$/m)
    expect(stdout).toMatch(/\nlimited by shard-written-records\n$/)
  })

  it('ends with 1 where nothing takes the load, and says what to change', async () => {
    const { exitCode, stdout, stderr } = await run(...load, '--shards', '1')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(/^error: 1 shards do not: [^\n]+\n$/)
  })
})

describe.concurrent('a wrong command line ends with 2 and one line that says what is wrong', () => {
  it.each([
    [load.slice(2), "required option '--peak <n>' not specified"],
    [[...load, '--lag-target', '5'], 'It is a time such as 500ms, 5s or 1m.'],
    [[...load, '--batch-ms', '-3'], 'It is a number above 0.'],
    [[...load, '--mean', '3000'], 'peakRecordsPerSecond is a number from 3000'],
    [[...load, '--speed', '3'], "unknown option '--speed'"],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
  })
})
