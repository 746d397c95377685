const secondMs = 1_000

/**
 * Lets through so many a second on average, and a second's worth at once, at least one. Time is that of `nowMs`, of any
 * origin.
 */
export class TokenBucket {
  readonly #perSecond: number
  readonly #nowMs: () => number
  readonly #most: number
  #tokens: number
  #filledMs: number

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond
    this.#nowMs = nowMs
    this.#most = Math.max(1, perSecond)
    this.#tokens = this.#most
    this.#filledMs = nowMs()
  }

  /** Takes one if there is a whole one, and says whether there was. */
  take(): boolean {
    this.#fill()
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Whether all that was spent has come in again. */
  get isPaidUp(): boolean {
    this.#fill()
    return this.#tokens > 0
  }

  /** Takes `count`, whether there are as many or not: what is missing has to come in before anything else. */
  spend(count: number): void {
    this.#fill()
    this.#tokens -= count
  }

  #fill(): void {
    const nowMs = this.#nowMs()
    const gained = ((nowMs - this.#filledMs) / secondMs) * this.#perSecond
    this.#tokens = Math.min(this.#most, this.#tokens + gained)
    this.#filledMs = nowMs
  }
}
