/** What a server counted since its start. */
export interface MomentoCounters {
  /** Calls received by method name (`Get`, `CreateCache`, ...), the SDK's own retries included. */
  readonly requestsByMethod: Record<string, number>
  /** Calls of the data plane. */
  readonly requests: number
  /**
   * TCP connections accepted. A client of the SDK is one from its construction on, whether it is waited for or not,
   * one more from its first control call on, and its `close()` opens the latter if there was none.
   */
  readonly connections: number
  /** Connections on which at least one data call asked for a consistent read. */
  readonly consistentConnections: number
  /** Bytes of the values that data calls carried here, stored or not. */
  readonly bytesIn: number
  /** Bytes of the values that answers carried back. */
  readonly bytesOut: number
  /** Data calls refused by a fault: not applied. */
  readonly refused: number
  /** Data calls applied whose answer a fault lost. */
  readonly answersLost: number
  /** Data calls refused by a fault as over the rate: not applied. */
  readonly limited: number
  /** Data calls applied that a fault never answered. */
  readonly held: number
  /** Calls of any kind refused for want of an API key; they count nowhere else. */
  readonly unauthenticated: number
}

/** Counters as the server's parts write them. */
export type CounterCells = { -readonly [Name in keyof MomentoCounters]: MomentoCounters[Name] }

/** Counters at 0. */
export function newCounters(): CounterCells {
  return {
    requestsByMethod: {},
    requests: 0,
    connections: 0,
    consistentConnections: 0,
    bytesIn: 0,
    bytesOut: 0,
    refused: 0,
    answersLost: 0,
    limited: 0,
    held: 0,
    unauthenticated: 0,
  }
}

/** Counts one received call of `method`. */
export function countRequest(counters: CounterCells, method: string): void {
  counters.requestsByMethod[method] = (counters.requestsByMethod[method] ?? 0) + 1
}

/** The counters as they are now; later calls do not change the result. */
export function snapshotCounters(counters: CounterCells): MomentoCounters {
  return { ...counters, requestsByMethod: { ...counters.requestsByMethod } }
}
