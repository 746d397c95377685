import { buildApp } from 'fauxqs'

/** What {@link startS3} needs. */
export interface S3Options {
  /** Names of the buckets that exist from the start. */
  readonly buckets: readonly string[]
  /** Default: any free port. */
  readonly port?: number
}

/** A running S3 on 127.0.0.1. */
export interface RunningS3 {
  /** Such as `http://127.0.0.1:40123`; clients address buckets by path there, without being told to. */
  readonly endpoint: string
  /** Resolves when the port is free; connections still open are cut. */
  close(): Promise<void>
}

/** Serves S3 from memory with fauxqs, which writes no log; one request carries at most 11 MiB. */
export async function startS3({ buckets, port = 0 }: S3Options): Promise<RunningS3> {
  // Not startFauxqs(): that one listens on every interface of the machine.
  const app = buildApp({ logger: false })
  for (const bucket of buckets) {
    const { statusCode, body } = await app.inject({ method: 'PUT', url: `/${bucket}` })
    if (statusCode !== 200) throw new Error(`the bucket ${bucket} was not created: ${statusCode} ${body}`)
  }
  const endpoint = await app.listen({ port, host: '127.0.0.1' })
  return { endpoint, close: () => app.close() }
}
