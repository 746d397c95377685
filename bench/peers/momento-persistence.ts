import {
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  IdempotencyRecordStatus,
} from '@aws-lambda-powertools/idempotency'
import { BasePersistenceLayer, IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence'
import { type CacheClient, CacheGet, CacheSet, CacheSetIfAbsent } from '@gomomento/sdk'

interface StoredRecord {
  readonly status: (typeof IdempotencyRecordStatus)[keyof typeof IdempotencyRecordStatus]
  readonly expiryTimestamp?: number
  readonly inProgressExpiryTimestamp?: number
}

/** Keeps the records of Powertools' idempotency in Momento: claimed if absent, and written over when the work is done. */
export class MomentoPersistence extends BasePersistenceLayer {
  readonly #client: CacheClient
  readonly #cacheName: string

  constructor(client: CacheClient, cacheName: string) {
    super()
    this.#client = client
    this.#cacheName = cacheName
  }

  protected async _putRecord(record: IdempotencyRecord): Promise<void> {
    const answer = await this.#client.setIfAbsent(this.#cacheName, record.idempotencyKey, storedText(record))
    if (answer instanceof CacheSetIfAbsent.Stored) return
    if (!(answer instanceof CacheSetIfAbsent.NotStored)) throw new Error('Momento refused a claim')
    const existing = await this._getRecord(record.idempotencyKey)
    // A claim of an invocation that was killed is taken over once its time is up.
    const isAbandoned =
      existing.getStatus() === IdempotencyRecordStatus.INPROGRESS &&
      (existing.inProgressExpiryTimestamp ?? Infinity) < Date.now()
    if (!isAbandoned) throw new IdempotencyItemAlreadyExistsError('the item exists', existing)
    await this._updateRecord(record)
  }

  protected async _getRecord(idempotencyKey: string): Promise<IdempotencyRecord> {
    const answer = await this.#client.get(this.#cacheName, idempotencyKey)
    if (answer instanceof CacheGet.Miss) throw new IdempotencyItemNotFoundError('there is no item')
    if (!(answer instanceof CacheGet.Hit)) throw new Error('Momento refused a read')
    const stored = JSON.parse(answer.valueString()) as StoredRecord
    return new IdempotencyRecord({ idempotencyKey, ...stored })
  }

  protected async _updateRecord(record: IdempotencyRecord): Promise<void> {
    const answer = await this.#client.set(this.#cacheName, record.idempotencyKey, storedText(record))
    if (!(answer instanceof CacheSet.Success)) throw new Error('Momento refused a write')
  }

  protected async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    await this.#client.delete(this.#cacheName, idempotencyKey)
  }
}

function storedText(record: IdempotencyRecord): string {
  return JSON.stringify({
    status: record.getStatus(),
    expiryTimestamp: record.expiryTimestamp,
    inProgressExpiryTimestamp: record.inProgressExpiryTimestamp,
  })
}
