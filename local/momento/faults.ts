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
  /** Share of calls, 0 to 1, that fail as Momento's rate limit (RESOURCE_EXHAUSTED) and change nothing. Default 0. */
  readonly limitRate?: number
  /** Share of calls, 0 to 1, that are applied and never answered: the caller's deadline ends them. Default 0. */
  readonly holdRate?: number
  /** Methods that the rates are for, by name. Default: all of the data plane. */
  readonly methods?: readonly string[]
  /** Source of the draws, in [0, 1). Default: the server's. */
  readonly random?: () => number
  /**
   * Called when a call was applied, whatever its result, and awaited before the answer goes out: hold the answer, or
   * kill the caller. What it throws, the caller gets as INTERNAL.
   */
  readonly onApplied?: (call: DataCall) => void | Promise<void>
}

/** What becomes of a call. */
export type Fate = 'answered' | 'refused' | 'answerLost' | 'limited' | 'held'

/** The rates share one draw, in this order. */
const rates = [
  ['refused', 'refuseRate'],
  ['answerLost', 'loseAnswerRate'],
  ['limited', 'limitRate'],
  ['held', 'holdRate'],
] as const satisfies readonly (readonly [Fate, keyof MomentoFaults])[]

/** Throws a RangeError unless the rates are shares that do not overlap. */
export function checkFaults(faults: MomentoFaults): void {
  const shares = rates.map(([, rate]) => faults[rate] ?? 0)
  if (shares.every((share) => share >= 0) && shares.reduce((sum, share) => sum + share) <= 1) return
  const listed = rates.map(([, rate], index) => `${rate} ${shares[index]}`).join(', ')
  throw new RangeError(`${listed} are not shares of 1`)
}

/**
 * The fate of a call of `method`, from one number in [0, 1): each call the rates are for takes exactly one, so a seeded
 * source and the same order of calls give the same fates.
 */
export function drawFate(faults: MomentoFaults, method: string, random: () => number): Fate {
  if (faults.methods !== undefined && !faults.methods.includes(method)) return 'answered'
  const drawn = (faults.random ?? random)()
  let bound = 0
  for (const [fate, rate] of rates) {
    bound += faults[rate] ?? 0
    if (drawn < bound) return fate
  }
  return 'answered'
}
