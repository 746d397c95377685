import type { StatusName } from './status-names.ts'

/** One call of the data plane, as a test sees it. */
export interface DataCall {
  /** The method's name in the service definition: `Get`, `SetIfHash`, ... */
  readonly method: string
  readonly cache: string
  /** Of a call on several items, the first. */
  readonly key: Uint8Array
}

/**
 * What goes wrong with data calls. Rates are shares of calls, 0 to 1, by default 0. Those up to `cutRate` exclude each
 * other, so they are at most 1 together; so do `evictRate` and `rollBackRate`.
 */
export interface FaultSettings {
  /** Fail as UNAVAILABLE and change nothing. */
  readonly refuseRate?: number
  /** Are applied and then fail as UNAVAILABLE. */
  readonly loseAnswerRate?: number
  /** Fail as Momento's rate limit (RESOURCE_EXHAUSTED) and change nothing. */
  readonly limitRate?: number
  /** Are applied and never answered: the caller's deadline ends them. */
  readonly holdRate?: number
  /** By status: fail with it and change nothing. */
  readonly failRates?: Readonly<Partial<Record<StatusName, number>>>
  /** Are applied, and then the connection that they came on is cut, with all other calls on it. */
  readonly cutRate?: number
  /** Milliseconds that calls wait before they are looked at, at most 2^31 - 1. Default 0. */
  readonly delayMs?: number
  /** Share of the calls that `delayMs` is for. Default 1. */
  readonly delayRate?: number
  /** Of calls that wrote: the item is lost, once the write was applied and although its answer says so. */
  readonly evictRate?: number
  /** Of calls that wrote over an item: the item is again what it was before, as after the loss of a primary. */
  readonly rollBackRate?: number
  /** Of reads that did not ask for consistency: they see what was there before a write of the last `staleForMs`. */
  readonly staleRate?: number
  /** For how long after a write reads may be stale, in milliseconds of the server's clock. Default 1,000. */
  readonly staleForMs?: number
  /** Methods that all this is for, by name. Default: all of the data plane. */
  readonly methods?: readonly string[]
}

/** Faults as a test in the same process sets them: with its own draws, and a look at each call. */
export interface MomentoFaults extends FaultSettings {
  /** Source of the draws, in [0, 1). Default: the server's. */
  readonly random?: () => number
  /**
   * Called when a call was applied, whatever its result, and awaited before the answer goes out: hold the answer, or
   * kill the caller. What it throws, the caller gets as INTERNAL.
   */
  readonly onApplied?: (call: DataCall) => void | Promise<void>
}

/** The longest time that a timer can wait for: one that is longer would not wait at all. */
const maximumDelayMs = 2 ** 31 - 1

/** What becomes of a call; of one that fails with a status that was asked for, the status. */
export type Fate = 'answered' | 'refused' | 'answerLost' | 'limited' | 'held' | 'cut' | StatusName

/** The rates share one draw, in this order, those by status between them and the last. */
const rates = [
  ['refused', 'refuseRate'],
  ['answerLost', 'loseAnswerRate'],
  ['limited', 'limitRate'],
  ['held', 'holdRate'],
] as const satisfies readonly (readonly [Fate, keyof FaultSettings])[]

/** Throws a RangeError unless the rates are shares, those that exclude each other do not overlap, and times are durations. */
export function checkFaults(faults: FaultSettings): void {
  const { delayRate = 0, staleRate = 0, evictRate = 0, rollBackRate = 0 } = faults
  checkShares(fateShares(faults).map(({ name, share }) => [name, share]))
  checkShares([
    ['evictRate', evictRate],
    ['rollBackRate', rollBackRate],
  ])
  checkShares([['delayRate', delayRate]])
  checkShares([['staleRate', staleRate]])
  const { delayMs = 0, staleForMs = 0 } = faults
  if (!(delayMs >= 0 && delayMs <= maximumDelayMs)) {
    throw new RangeError(`delayMs ${delayMs} is not between 0 and ${maximumDelayMs}`)
  }
  if (!(staleForMs >= 0)) throw new RangeError(`staleForMs ${staleForMs} is no duration`)
}

function checkShares(shares: readonly (readonly [name: string, share: number])[]): void {
  const sum = shares.reduce((total, [, share]) => total + share, 0)
  if (shares.every(([, share]) => share >= 0) && sum <= 1) return
  throw new RangeError(`${shares.map((each) => each.join(' ')).join(', ')} are not shares of 1`)
}

/**
 * The fate of a call of `method`, from one number in [0, 1): each call the rates are for takes exactly one, so a seeded
 * source and the same order of calls give the same fates.
 */
export function drawFate(faults: FaultSettings, method: string, random: () => number): Fate {
  if (!concerns(faults, method)) return 'answered'
  const drawn = random()
  let bound = 0
  for (const { fate, share } of fateShares(faults)) {
    bound += share
    if (drawn < bound) return fate
  }
  return 'answered'
}

/** How long a call of `method` waits, in milliseconds; it takes a number only where some calls wait and some do not. */
export function drawDelayMs(faults: FaultSettings, method: string, random: () => number): number {
  const { delayMs = 0, delayRate = 1 } = faults
  if (delayMs === 0 || !concerns(faults, method)) return 0
  return delayRate === 1 || random() < delayRate ? delayMs : 0
}

/** Whether the faults are for a method. */
export function concerns({ methods }: FaultSettings, method: string): boolean {
  return methods === undefined || methods.includes(method)
}

interface FateShare {
  readonly name: string
  readonly fate: Fate
  readonly share: number
}

function fateShares(faults: FaultSettings): FateShare[] {
  const byStatus = Object.entries(faults.failRates ?? {}) as [StatusName, number][]
  return [
    ...rates.map(([fate, name]) => ({ name, fate, share: faults[name] ?? 0 })),
    ...byStatus.map(([fate, share]) => ({ name: `failRates.${fate}`, fate, share })),
    { name: 'cutRate', fate: 'cut', share: faults.cutRate ?? 0 },
  ]
}
