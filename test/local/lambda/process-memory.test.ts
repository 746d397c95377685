import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { processMemory, watchMemory } from '../../../local/lambda/process-memory.ts'

describe.runIf(process.platform === 'linux')('memory', () => {
  test('of a process is known while it lives', () => {
    const { residentMb = 0, peakMb = 0 } = processMemory(process.pid) ?? {}
    expect(residentMb).toBeGreaterThan(20)
    expect(peakMb).toBeGreaterThanOrEqual(residentMb)
    expect(processMemory(2 ** 30)).toBeUndefined()
  })

  test('over the limit is told once, at the next look; under it, and when the watch has ended, nothing is', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const exceeded: string[] = []
    const { pid } = process
    watchMemory({ pid, limitMb: 1, intervalMs: 10 }, () => exceeded.push('over'))
    const endUnder = watchMemory({ pid, limitMb: 2 ** 20, intervalMs: 10 }, () => exceeded.push('under'))
    watchMemory({ pid, limitMb: 1, intervalMs: 10 }, () => exceeded.push('ended'))()
    vi.advanceTimersByTime(9)
    expect(exceeded).toEqual([])
    vi.advanceTimersByTime(1)
    expect(exceeded).toEqual(['over'])
    vi.advanceTimersByTime(100)
    expect(exceeded).toEqual(['over'])
    endUnder()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('of a process that has ended is not over any limit', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
    const { pid = 0 } = child
    await once(child, 'exit')
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const end = watchMemory({ pid, limitMb: 0, intervalMs: 10 }, () => expect.unreachable())
    vi.advanceTimersByTime(20)
    end()
  })
})
