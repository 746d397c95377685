import { AwsServiceError } from '../aws-json-server.ts'
import { retentionRequest } from './retention-period.ts'
import type { KinesisStreams } from './streams.ts'

/**
 * Keeps records for fewer hours, at least 24; older ones are gone at once.
 *
 * Throws `InvalidArgumentException` for more hours than before; as many are taken.
 */
export function decreaseStreamRetentionPeriod(streams: KinesisStreams, input: unknown): object {
  const { stream, hours } = retentionRequest(streams, input)
  if (hours > stream.retentionHours) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing ` +
        `retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
    )
  }
  stream.retainFor(hours)
  return {}
}
