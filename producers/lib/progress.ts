/** Counts of a run so far. */
export interface SendCounts {
  sent: number
  duplicatesSent: number
  garbageSent: number
  /** Records that the stream refused once and that were sent again. */
  refused: number
}

const intervalMs = 1_000

/** Prints one line a second on stderr until it is stopped. */
export function startProgress(counts: Readonly<SendCounts>): { stop(): void } {
  const startedMs = Date.now()
  let before = 0
  const timer = setInterval(() => {
    const total = counts.sent + counts.duplicatesSent + counts.garbageSent
    const elapsed = ((Date.now() - startedMs) / 1_000).toFixed(0)
    const refused = counts.refused > 0 ? `, ${counts.refused} refused and sent again` : ''
    console.error(
      `${elapsed.padStart(4)} s  ${grouped(total)} records, ${grouped(total - before)}/s${refused}`,
    )
    before = total
  }, intervalMs)
  return { stop: () => clearInterval(timer) }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US')
}
