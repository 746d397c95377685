import { AwsServiceError } from '../aws-json-server.ts'
import type { Shard } from './shard.ts'
import type { Stream } from './stream.ts'

/** The shard that is to be split or merged; throws for one that does not exist or is closed. */
export function openShard(stream: Stream, shardId: string): Shard {
  const shard = stream.shards.find((candidate) => candidate.shardId === shardId)
  if (shard === undefined) {
    throw new AwsServiceError(
      'ResourceNotFoundException',
      `Could not find shard ${shardId} in stream ${stream.name} under account ${stream.accountId}.`,
    )
  }
  if (shard.end === undefined) return shard
  throw new AwsServiceError(
    'InvalidArgumentException',
    `Shard ${shardId} in stream ${stream.name} under account ${stream.accountId} has already been merged or split, ` +
      'and thus is not eligible for merging or splitting.',
  )
}

/** Throws for a stream on demand, the shards of which are not the owner's to change. */
export function assertProvisioned({ name, accountId, mode }: Stream): void {
  if (mode === 'PROVISIONED') return
  throw new AwsServiceError(
    'ValidationException',
    `Request is invalid. Stream ${name} under account ${accountId} is in On-Demand mode.`,
  )
}
