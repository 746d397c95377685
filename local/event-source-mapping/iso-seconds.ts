/** A time in UTC to the second, cut rather than rounded, as Lambda writes the bounds of windows. */
export function isoSeconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -'.000Z'.length)}Z`
}
