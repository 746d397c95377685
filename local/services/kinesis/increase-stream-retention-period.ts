import { AwsServiceError } from '../aws-json-server.ts'
import { retentionRequest } from './retention-period.ts'
import type { KinesisStreams } from './streams.ts'

/**
 * Keeps records for more hours, up to 8,760; what is trimmed already stays so.
 *
 * Throws `InvalidArgumentException` for fewer hours than before; as many are taken.
 */
export function increaseStreamRetentionPeriod(streams: KinesisStreams, input: unknown): object {
  const { stream, hours } = retentionRequest(streams, input)
  if (hours < stream.retentionHours) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than existing ` +
        `retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
    )
  }
  stream.retainFor(hours)
  return {}
}
