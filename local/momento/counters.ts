/** What a server counted of one method. */
export interface MethodCounters {
  /** Calls received, the SDK's own retries included. */
  requests: number
  /** Bytes of the messages read, as they came over the wire. */
  bytesIn: number
  /** Bytes of the messages made for answers, whether a fault lost them or not. */
  bytesOut: number
  /**
   * Calls that failed, by status such as `UNAVAILABLE`; `CANCELLED` are those that ended without an answer: given up,
   * past their deadline, or cut.
   */
  readonly errors: Record<string, number>
}

/** What a server counted since its start. */
export interface MomentoCounters {
  /** By name (`Get`, `CreateCache`, ...), those that were called. */
  readonly methods: Readonly<Record<string, MethodCounters>>
  /** Calls of the data plane. */
  readonly requests: number
  /**
   * TCP connections accepted. A client of the SDK is one from its construction on, whether it is waited for or not,
   * one more from its first control call on, and its `close()` opens the latter if there was none.
   */
  readonly connections: number
  /** Connections on which at least one data call asked for a consistent read. */
  readonly consistentConnections: number
  /** Bytes of the values that data calls carried here, stored or not, of calls that a fault did not refuse. */
  readonly bytesIn: number
  /** Bytes of the values in answers, those that a fault lost included. */
  readonly bytesOut: number
  /** Data calls failed by a fault as UNAVAILABLE or with another status that was asked for: not applied. */
  readonly refused: number
  /** Data calls applied whose answer a fault lost. */
  readonly answersLost: number
  /** Calls refused as over the rate, by a fault or a limit: not applied. */
  readonly limited: number
  /** Data calls applied that a fault never answered. */
  readonly held: number
  /** Data calls applied whose connection a fault cut. */
  readonly cut: number
  /** Data calls that a fault delayed. */
  readonly delayed: number
  /** Items that a fault lost after a write, or put back to what they were before it, and reads of what was before. */
  readonly evicted: number
  readonly rolledBack: number
  readonly staleReads: number
  /** Calls of any kind refused for want of an API key; they count nowhere else. */
  readonly unauthenticated: number
}

/** Counters as the server's parts write them. */
export type CounterCells = { -readonly [Name in keyof MomentoCounters]: MomentoCounters[Name] } & {
  readonly methods: Record<string, MethodCounters>
}

/** Counters at 0. */
export function newCounters(): CounterCells {
  return {
    methods: {},
    requests: 0,
    connections: 0,
    consistentConnections: 0,
    bytesIn: 0,
    bytesOut: 0,
    refused: 0,
    answersLost: 0,
    limited: 0,
    held: 0,
    cut: 0,
    delayed: 0,
    evicted: 0,
    rolledBack: 0,
    staleReads: 0,
    unauthenticated: 0,
  }
}

/** The counters of a method, which are written there. */
export function methodCells(counters: CounterCells, method: string): MethodCounters {
  return (counters.methods[method] ??= { requests: 0, bytesIn: 0, bytesOut: 0, errors: {} })
}

/** The counters as they are now; later calls do not change the result. */
export function snapshotCounters(counters: CounterCells): MomentoCounters {
  const called = Object.entries(counters.methods).filter(([, { requests }]) => requests > 0)
  return { ...counters, methods: structuredClone(Object.fromEntries(called)) }
}
