import { SingleBar } from 'cli-progress'

/** How far a run is. */
export interface Progress {
  readonly done: number
  /** What else there is to say, such as `, 7 refused and sent again`. */
  readonly remarks: string
}

const intervalMs = 1_000
const barFormat = '{bar} {percentage} %  {value} of {total}  {rate}/s  {eta_formatted} to go{remarks}'

/**
 * Shows on stderr how far a run is, until it is stopped: a bar in a terminal, if the total is known, and one line a second
 * otherwise. `noun` is what is counted, such as `records`.
 */
export function startProgress(noun: string, progress: () => Progress, total?: number): { stop(): void } {
  const bar =
    process.stderr.isTTY && total !== undefined
      ? new SingleBar({ format: barFormat, stream: process.stderr, hideCursor: true })
      : undefined
  const startedMs = Date.now()
  let before = 0
  const show = (): void => {
    const { done, remarks } = progress()
    const rate = grouped(done - before)
    if (bar === undefined) {
      const elapsed = ((Date.now() - startedMs) / 1_000).toFixed(0)
      console.error(`${elapsed.padStart(4)} s  ${grouped(done)} ${noun}, ${rate}/s${remarks}`)
    } else bar.update(done, { rate, remarks })
    before = done
  }
  bar?.start(total ?? 0, 0, { rate: 0, remarks: '' })
  const timer = setInterval(show, intervalMs)
  return {
    stop: () => {
      clearInterval(timer)
      if (bar !== undefined) show()
      bar?.stop()
    },
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
