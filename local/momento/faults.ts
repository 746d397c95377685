/** One call of the data plane, as a test sees it. */
export interface DataCall {
  /** The method's name in the service definition: `Get`, `SetIfHash`, ... */
  readonly method: string
  readonly cache: string
  readonly key: Uint8Array
}

/** What goes wrong with data calls, and a look at each. */
export interface MomentoFaults {
  /** Share of calls, 0 to 1, that fail as UNAVAILABLE and change nothing. Default 0. */
  readonly refuseRate?: number
  /** Share of calls, 0 to 1, that are applied and then fail as UNAVAILABLE. Default 0. */
  readonly loseAnswerRate?: number
  /** Methods that the rates are for, by name. Default: all of the data plane. */
  readonly methods?: readonly string[]
  /**
   * Called when a call was applied, whatever its result, and awaited before the answer goes out: hold the answer, or
   * kill the caller. What it throws, the caller gets as INTERNAL.
   */
  readonly onApplied?: (call: DataCall) => void | Promise<void>
}

/** What becomes of a call. */
export type Fate = 'answered' | 'refused' | 'answerLost'

/** Throws a RangeError unless the rates are shares that do not overlap. */
export function checkFaults({ refuseRate = 0, loseAnswerRate = 0 }: MomentoFaults): void {
  if (refuseRate >= 0 && loseAnswerRate >= 0 && refuseRate + loseAnswerRate <= 1) return
  throw new RangeError(`refuseRate ${refuseRate} and loseAnswerRate ${loseAnswerRate} are not shares of 1`)
}

/**
 * The fate of a call of `method`, from one number in [0, 1): each call the rates are for takes exactly one, so a seeded
 * source and the same order of calls give the same fates.
 */
export function drawFate(faults: MomentoFaults, method: string, random: () => number): Fate {
  if (faults.methods !== undefined && !faults.methods.includes(method)) return 'answered'
  const { refuseRate = 0, loseAnswerRate = 0 } = faults
  const drawn = random()
  if (drawn < refuseRate) return 'refused'
  return drawn < refuseRate + loseAnswerRate ? 'answerLost' : 'answered'
}
