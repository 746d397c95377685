import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { parseInput, referencedStream, streamReference } from './request-input.ts'
import type { Stream } from './stream.ts'
import type { KinesisStreams } from './streams.ts'

const minimumHours = 24
const maximumHours = 8760

const inputSchema = z.object({ ...streamReference, RetentionPeriodHours: z.int() })

/** The stream and the hours of a request to change its retention; throws `InvalidArgumentException` for others than 24 to 8,760. */
export function retentionRequest(streams: KinesisStreams, input: unknown): { stream: Stream; hours: number } {
  const request = parseInput(inputSchema, input)
  const stream = referencedStream(streams, request)
  const { RetentionPeriodHours: hours } = request
  if (hours < minimumHours) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Minimum allowed retention period is ${minimumHours} hours. Requested retention period (${hours} hours) is too short.`,
    )
  }
  if (hours > maximumHours) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Maximum allowed retention period is ${maximumHours} hours. Requested retention period (${hours} hours) is too long.`,
    )
  }
  return { stream, hours }
}
