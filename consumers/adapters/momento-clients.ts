import {
  CacheClient,
  Configurations,
  type CredentialProvider,
  NoopMomentoLoggerFactory,
  ReadConcern,
} from '@gomomento/sdk'
import type { ReadConsistency } from '../engine/ports.ts'

const eagerConnectTimeoutSeconds = 2
/** Every write passes its own; this is what the SDK takes where one is missing. */
const defaultTtlSeconds = 60
/** Refused credentials are fetched anew once in so long: a key that is wrong stays wrong for a while. */
const renewalCoolDownMs = 30_000
/** Credentials that could not be fetched are asked for again after so long; until then every call fails at once. */
const failureCoolDownMs = 1_000

interface Entry {
  readonly client: Promise<CacheClient>
  callsUnderWay: number
  isRetired: boolean
}

/**
 * The Momento clients of one execution environment. Each is made once, with one connection, and lives as long as the
 * environment does; the one for consistent reads is made only when such a read is, because the SDK binds the read
 * concern to the client. A failure to make one is not kept: a later call tries again.
 */
export class MomentoClients {
  readonly #fetchCredentials: () => Promise<CredentialProvider>
  readonly #nowMs: () => number
  readonly #entries = new Map<ReadConsistency, Entry>()
  #credentials: Promise<CredentialProvider> | undefined
  #fetchFailure: { readonly error: unknown; readonly untilMs: number } | undefined
  #renewableFromMs = 0

  constructor(fetchCredentials: () => Promise<CredentialProvider>, nowMs: () => number = Date.now) {
    this.#fetchCredentials = fetchCredentials
    this.#nowMs = nowMs
  }

  /** The client for reads of that consistency. Writes go through `balanced`. */
  get(consistency: ReadConsistency): Promise<CacheClient> {
    return this.#entry(consistency).client
  }

  /** Makes a call with the client for that consistency; the client is not closed while the call is under way. */
  async call<T>(consistency: ReadConsistency, request: (client: CacheClient) => Promise<T>): Promise<T> {
    const entry = this.#entry(consistency)
    entry.callsUnderWay++
    try {
      return await request(await entry.client)
    } finally {
      entry.callsUnderWay--
      if (entry.isRetired) closeIfUnused(entry)
    }
  }

  /**
   * Notes that Momento refused the credentials: the next call fetches them anew and makes a new client, if that was not
   * done in the last 30 seconds. Calls under way end with the old client.
   */
  renew(): void {
    const nowMs = this.#nowMs()
    if (nowMs < this.#renewableFromMs) return
    this.#renewableFromMs = nowMs + renewalCoolDownMs
    this.#credentials = undefined
    const retired = [...this.#entries.values()]
    this.#entries.clear()
    for (const entry of retired) {
      entry.isRetired = true
      closeIfUnused(entry)
    }
  }

  /** Closes what is open; for commands that end. A function's environment is frozen instead. */
  async close(): Promise<void> {
    const clients = await Promise.allSettled(Array.from(this.#entries.values(), ({ client }) => client))
    this.#entries.clear()
    for (const client of clients) if (client.status === 'fulfilled') client.value.close()
  }

  #entry(consistency: ReadConsistency): Entry {
    const existing = this.#entries.get(consistency)
    if (existing !== undefined) return existing
    const entry = { client: this.#create(consistency), callsUnderWay: 0, isRetired: false }
    this.#entries.set(consistency, entry)
    entry.client.catch(() => {
      if (this.#entries.get(consistency) === entry) this.#entries.delete(consistency)
    })
    return entry
  }

  async #create(consistency: ReadConsistency): Promise<CacheClient> {
    // The SDK's own logger writes to stdout, where the metrics go.
    const balanced = Configurations.Lambda.latest(new NoopMomentoLoggerFactory())
    const properties = {
      configuration: consistency === 'balanced' ? balanced : balanced.withReadConcern(ReadConcern.CONSISTENT),
      credentialProvider: await this.#fetchCredentialsOnce(),
      defaultTtlSeconds,
    }
    try {
      return await CacheClient.create({ ...properties, eagerConnectTimeout: eagerConnectTimeoutSeconds })
    } catch {
      // Not reachable within the bound: a client that connects at its first call reports through that call.
      return new CacheClient(properties)
    }
  }

  async #fetchCredentialsOnce(): Promise<CredentialProvider> {
    if (this.#fetchFailure !== undefined && this.#nowMs() < this.#fetchFailure.untilMs) {
      throw this.#fetchFailure.error
    }
    this.#credentials ??= this.#fetchCredentials()
    const fetching = this.#credentials
    try {
      return await fetching
    } catch (error) {
      this.#fetchFailure = { error, untilMs: this.#nowMs() + failureCoolDownMs }
      if (this.#credentials === fetching) this.#credentials = undefined
      throw error
    }
  }
}

function closeIfUnused(entry: Entry): void {
  if (entry.callsUnderWay > 0) return
  void entry.client.then(
    (client) => client.close(),
    () => undefined,
  )
}
