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

/**
 * The Momento clients of one execution environment. Each is made once, with one connection, and lives as long as the
 * environment does; the one for consistent reads is made only when such a read is, because the SDK binds the read
 * concern to the client. A failure to make one is not kept: the next call tries again.
 */
export class MomentoClients {
  readonly #fetchCredentials: () => Promise<CredentialProvider>
  readonly #clients = new Map<ReadConsistency, Promise<CacheClient>>()
  #credentials: Promise<CredentialProvider> | undefined

  constructor(fetchCredentials: () => Promise<CredentialProvider>) {
    this.#fetchCredentials = fetchCredentials
  }

  /** The client for reads of that consistency. Writes go through `balanced`. */
  async get(consistency: ReadConsistency): Promise<CacheClient> {
    const existing = this.#clients.get(consistency)
    if (existing !== undefined) return existing
    const client = this.#create(consistency)
    this.#clients.set(consistency, client)
    try {
      return await client
    } catch (error) {
      this.#clients.delete(consistency)
      throw error
    }
  }

  /** Closes what is open; for commands that end. A function's environment is frozen instead. */
  async close(): Promise<void> {
    const clients = await Promise.allSettled(this.#clients.values())
    this.#clients.clear()
    for (const client of clients) if (client.status === 'fulfilled') client.value.close()
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
    this.#credentials ??= this.#fetchCredentials()
    try {
      return await this.#credentials
    } catch (error) {
      this.#credentials = undefined
      throw error
    }
  }
}
