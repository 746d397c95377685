import { AwsServiceError } from '../aws-json-server.ts'
import type { StreamOptions } from './stream.ts'
import { Stream } from './stream.ts'

const maximumShards = 10_000
const nameForm = /^[a-zA-Z0-9_.-]{1,128}$/

/** Whose streams they are and which clock they go by. */
export interface KinesisStreamsOptions {
  readonly region: string
  readonly accountId: string
  /** Whole epoch milliseconds. */
  readonly nowMs: () => number
}

/** The Kinesis streams of one account and region, held in memory. */
export class KinesisStreams {
  readonly nowMs: () => number
  readonly #options: KinesisStreamsOptions
  readonly #byArn = new Map<string, Stream>()

  constructor(options: KinesisStreamsOptions) {
    this.nowMs = options.nowMs
    this.#options = options
  }

  /**
   * Creates a stream, active at once.
   *
   * Throws `ResourceInUseException` for a name in use and `ValidationException` for a name or a number of shards
   * that Kinesis does not take.
   */
  create(name: string, options: StreamOptions): Stream {
    const { accountId, nowMs } = this.#options
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
    const stream = new Stream({ name, arn, accountId, nowMs }, options)
    this.#byArn.set(arn, stream)
    return stream
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

  #arnOf(name: string): string {
    return `arn:aws:kinesis:${this.#options.region}:${this.#options.accountId}:stream/${name}`
  }
}
