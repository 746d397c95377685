import { SingleBar } from 'cli-progress'

/** Counts of a run so far. */
export interface SendCounts {
  sent: number
  duplicatesSent: number
  garbageSent: number
  /** Records that the stream refused once and that were sent again. */
  refused: number
}

const intervalMs = 1_000
const barFormat = '{bar} {percentage} %  {value} of {total}  {rate}/s  {eta_formatted} to go{refused}'

/**
 * Shows on stderr how far a run is, until it is stopped: a bar in a terminal, if the number of records is known, and
 * one line a second otherwise.
 */
export function startProgress(counts: Readonly<SendCounts>, totalRecords?: number): { stop(): void } {
  const bar =
    process.stderr.isTTY && totalRecords !== undefined
      ? new SingleBar({ format: barFormat, stream: process.stderr, hideCursor: true })
      : undefined
  const startedMs = Date.now()
  let before = 0
  const show = (): void => {
    const records = counts.sent + counts.duplicatesSent + counts.garbageSent
    const refused = counts.refused > 0 ? `, ${counts.refused} refused and sent again` : ''
    const rate = grouped(records - before)
    if (bar === undefined) {
      const elapsed = ((Date.now() - startedMs) / 1_000).toFixed(0)
      console.error(`${elapsed.padStart(4)} s  ${grouped(records)} records, ${rate}/s${refused}`)
    } else bar.update(records, { rate, refused })
    before = records
  }
  bar?.start(totalRecords ?? 0, 0, { rate: 0, refused: '' })
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
