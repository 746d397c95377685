import { rateLimited, throughputLimited } from './rpc-error.ts'
import type { RpcError } from './rpc-error.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * What a server lets through a second, as an account at Momento has limits. Each is above 0; those left out do not
 * exist. A second's worth may come at once.
 */
export interface RateLimitSettings {
  /** Calls of the data plane; a batch is one. */
  readonly operationsPerSecond?: number
  /**
   * Bytes of the data plane's messages, in and out. Those of an answer are known too late to refuse it, so a call may
   * take more than is left, and the next ones are refused until that has come in.
   */
  readonly bytesPerSecond?: number
  /** Calls of the control plane. */
  readonly controlOperationsPerSecond?: number
}

/** The limits of a running server. */
export interface RateLimits {
  /** Counts a call; the failure it has to end with, having done nothing, when it is over a limit. */
  admit(isData: boolean): RpcError | undefined
  /** Counts bytes of a message of the data plane. */
  spend(bytes: number): void
}

/** Limits on the clock `nowMs`. Throws a RangeError for one that is not above 0. */
export function rateLimits(settings: RateLimitSettings, nowMs: () => number): RateLimits {
  const bucket = (perSecond: number | undefined): TokenBucket | undefined => {
    if (perSecond === undefined) return undefined
    if (perSecond > 0) return new TokenBucket(perSecond, nowMs)
    throw new RangeError(`a limit of ${perSecond} a second would let nothing through`)
  }
  const operations = bucket(settings.operationsPerSecond)
  const bytes = bucket(settings.bytesPerSecond)
  const controlOperations = bucket(settings.controlOperationsPerSecond)
  return {
    admit: (isData) => {
      if (isData && bytes?.isPaidUp === false) return throughputLimited()
      const calls = isData ? operations : controlOperations
      return calls?.take() === false ? rateLimited() : undefined
    },
    spend: (count) => bytes?.spend(count),
  }
}
