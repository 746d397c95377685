import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'

/** A rejected record as the bucket holds it. */
export interface FoundReject {
  readonly reason: string
  /** `shard sequence-number`. */
  readonly position: string
  /** The record's bytes in base64; empty for a change of a table. */
  readonly data: string
}

interface RejectLine {
  readonly reason: string
  /** Of a record that comes from no stream that the function knows there is none. */
  readonly position?: { readonly shard: string; readonly sequenceNumber: string }
  readonly record: { readonly kinesis?: { readonly data: string } }
}

/** Reads what a pipeline rejected out of the failed-records bucket. */
export async function findRejects(
  bucket: string,
  pipeline: string,
  environment: Readonly<Record<string, string>>,
): Promise<FoundReject[]> {
  const {
    AWS_ENDPOINT_URL_S3: endpoint = '',
    AWS_REGION: region = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
  } = environment
  const client = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  try {
    const rejects: FoundReject[] = []
    for await (const page of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: `rejected/${pipeline}/` },
    )) {
      for (const { Key } of page.Contents ?? []) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
        const lines = (await Body?.transformToString())?.split('\n').filter(Boolean) ?? []
        for (const text of lines) {
          const { reason, position, record } = JSON.parse(text) as RejectLine
          rejects.push({
            reason,
            position: position === undefined ? 'unknown' : `${position.shard} ${position.sequenceNumber}`,
            data: record.kinesis?.data ?? '',
          })
        }
      }
    }
    return rejects
  } finally {
    client.destroy()
  }
}

/** One line for each unreadable record that was sent and is not in the bucket whole, and each reject that was not sent so. */
export function missingRejects(rejects: readonly FoundReject[], sent: ReadonlyMap<string, string>): string[] {
  const found = new Map(rejects.map((reject) => [reject.position, reject]))
  const lines: string[] = []
  for (const [position, data] of sent) {
    const reject = found.get(position)
    if (reject === undefined) lines.push(`unreadable record ${position}: not in the failed-records bucket`)
    else if (reject.data !== data) lines.push(`unreadable record ${position}: its bytes changed`)
    else if (reject.reason === '') lines.push(`unreadable record ${position}: in the bucket without a reason`)
  }
  for (const { position, reason } of found.values()) {
    if (!sent.has(position)) lines.push(`record ${position}: rejected as ${reason}, though it was readable`)
  }
  return lines
}
