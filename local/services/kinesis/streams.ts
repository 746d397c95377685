import { AwsServiceError } from '../aws-json-server.ts'
import type { StreamCall } from './stream-call.ts'
import type { StreamOptions } from './stream.ts'
import { Stream } from './stream.ts'

/** Of one stream, as of all streams together. */
export const maximumShards = 10_000
const nameForm = /^[a-zA-Z0-9_.-]{1,128}$/

/** Whose streams they are and which clock they go by. */
export interface KinesisStreamsOptions {
  readonly region: string
  readonly accountId: string
  /** Whole epoch milliseconds. */
  readonly nowMs: () => number
  /** Whether shards refuse what is over a shard's throughput, where their stream does not say. Default: false. */
  readonly limits?: boolean
  /** Told of each call that writes or reads records. Default: nobody. */
  readonly onCall?: (call: StreamCall) => void
}

/** The Kinesis streams of one account and region, held in memory. */
export class KinesisStreams {
  readonly nowMs: () => number
  /** Tells whoever observes the streams. */
  readonly onCall: (call: StreamCall) => void
  readonly #options: KinesisStreamsOptions
  readonly #byArn = new Map<string, Stream>()

  constructor(options: KinesisStreamsOptions) {
    this.nowMs = options.nowMs
    this.onCall = options.onCall ?? (() => undefined)
    this.#options = options
  }

  /**
   * Creates a stream, active at once.
   *
   * Throws `ResourceInUseException` for a name in use, `ValidationException` for a name or a number of shards that
   * Kinesis does not take, and `LimitExceededException` for more than 10,000 open shards in all.
   */
  create(name: string, options: StreamOptions): Stream {
    const { accountId, nowMs, limits = false } = this.#options
    if (!nameForm.test(name)) {
      throw new AwsServiceError('ValidationException', `Stream name '${name}' must match ${nameForm.source}`)
    }
    const { shardCount } = options
    if (!Number.isInteger(shardCount) || shardCount < 1 || shardCount > maximumShards) {
      throw new AwsServiceError(
        'ValidationException',
        `A stream has 1 to ${maximumShards} shards, not ${shardCount}`,
      )
    }
    const arn = this.#arnOf(name)
    if (this.#byArn.has(arn)) {
      throw new AwsServiceError(
        'ResourceInUseException',
        `Stream ${name} under account ${accountId} already exists.`,
      )
    }
    this.assertRoomFor(shardCount)
    const stream = new Stream({ name, arn, accountId, nowMs }, { limits, ...options })
    this.#byArn.set(arn, stream)
    return stream
  }

  /** Forgets a stream with all of its records. */
  delete(stream: Stream): void {
    this.#byArn.delete(stream.arn)
  }

  /** All streams in the order of their names. */
  all(): readonly Stream[] {
    return [...this.#byArn.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The stream of that name or ARN; throws `ResourceNotFoundException`. */
  get(nameOrArn: string): Stream {
    const isArn = nameOrArn.startsWith('arn:')
    const stream = this.#byArn.get(isArn ? nameOrArn : this.#arnOf(nameOrArn))
    if (stream !== undefined) return stream
    const name = isArn ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn
    throw new AwsServiceError(
      'ResourceNotFoundException',
      `Stream ${name} under account ${this.#options.accountId} not found.`,
    )
  }

  /** Of all streams. */
  openShardCount(): number {
    return this.all().reduce((sum, { openShards }) => sum + openShards.length, 0)
  }

  /** Throws `LimitExceededException` if the account may not have so many shards more. */
  assertRoomFor(shardCount: number): void {
    const present = this.openShardCount()
    if (present + shardCount <= maximumShards) return
    const { accountId, region } = this.#options
    throw new AwsServiceError(
      'LimitExceededException',
      `This request would exceed the shard limit for the account ${accountId} in ${region}. Current shard count for ` +
        `the account: ${present}. Limit: ${maximumShards}. Number of additional shards that would have resulted ` +
        `from this request: ${shardCount}.`,
    )
  }

  #arnOf(name: string): string {
    return `arn:aws:kinesis:${this.#options.region}:${this.#options.accountId}:stream/${name}`
  }
}
