import type { Pipeline } from '../engine/pipeline.ts'
import { read, type ReadRequest, type ReadResult } from '../engine/read.ts'
import { momentoCellStore } from './momento-cell-store.ts'
import { MomentoClients } from './momento-clients.ts'
import { fetchMomentoCredentials } from './secrets.ts'

/** Where the cells of a deployment are. */
export interface MomentoCache {
  /** ARN of the secret with the Momento credentials. */
  readonly secretArn: string
  readonly cacheName: string
}

/** Reads what the functions have counted. Connects when it is first used; its owner closes it. */
export class MomentoReader {
  readonly #clients: MomentoClients
  readonly #cacheName: string

  constructor({ secretArn, cacheName }: MomentoCache) {
    this.#clients = new MomentoClients(() => fetchMomentoCredentials(secretArn))
    this.#cacheName = cacheName
  }

  /**
   * `read` of the engine, on the real cache and by the real clock.
   * @throws what is wrong with the secret; a cell that cannot be read is told in the result.
   *
   * @example
   * ```ts
   * const reader = new MomentoReader({ secretArn, cacheName })
   * const nowMs = Date.now()
   * const { rows } = await reader.read(flights, { grouping: 'origin', from: nowMs - hours(1), to: nowMs })
   * for (const { key, values, final } of rows) print(key, values.departures, final)
   * await reader.close()
   * ```
   */
  async read<Grouping extends string, M, Of extends Grouping>(
    pipeline: Pipeline<Grouping, M>,
    request: ReadRequest<Of, M>,
  ): Promise<ReadResult<Of, M>> {
    // What is wrong with a secret is said here; of a read it would only be said that it failed.
    await this.#clients.get(request.consistency ?? 'balanced')
    const store = momentoCellStore(this.#clients, this.#cacheName)
    return read(pipeline, store, { nowMs: () => Date.now() }, request)
  }

  async close(): Promise<void> {
    await this.#clients.close()
  }
}
