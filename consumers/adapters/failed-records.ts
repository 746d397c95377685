import { randomUUID } from 'node:crypto'
import type { FailedRecords } from '../engine/ports.ts'
import { rejectedRecordsPrefix } from '../settings.ts'

const writeTimeoutMs = 2_000

/** Where the rejected records of one invocation go. */
export interface FailedRecordsTarget {
  readonly bucket: string
  readonly pipeline: string
  readonly requestId: string
}

/**
 * Writes the rejected records of one invocation as one object of JSON lines, `{reason, detail, position, rejectedAt,
 * record}` each, with the record as Lambda delivered it. Its key is `rejected/<pipeline>/<YYYY>/<MM>/<DD>/<HH>/<request
 * id>-<random>.ndjson`; nothing is ever overwritten, so a redelivered record is there once a delivery.
 */
export function s3FailedRecords(
  { bucket, pipeline, requestId }: FailedRecordsTarget,
  nowMs: () => number,
): FailedRecords {
  return {
    writeTimeoutMs,
    async write(records) {
      const abortSignal = AbortSignal.timeout(writeTimeoutMs)
      // Loaded when there is something to write: most invocations never need it.
      const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3')
      const rejectedAt = new Date(nowMs()).toISOString()
      const hour = rejectedAt.slice(0, 13).replaceAll(/[-T]/g, '/')
      const lines = records.map(({ reason, detail, position, raw }) =>
        JSON.stringify({ reason, detail, position, rejectedAt, record: raw }),
      )
      const client = new S3Client({ maxAttempts: 2 })
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${rejectedRecordsPrefix}${pipeline}/${hour}/${requestId}-${randomUUID()}.ndjson`,
            ContentType: 'application/x-ndjson',
            Body: `${lines.join('\n')}\n`,
          }),
          { abortSignal },
        )
      } finally {
        client.destroy()
      }
    },
  }
}
