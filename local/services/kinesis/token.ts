import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'

/** How long clients may use a shard iterator or a page token. */
export const tokenLifetimeMs = 300_000

const iteratorSchema = z.object({
  streamArn: z.string(),
  shardId: z.string(),
  position: z.int().nonnegative(),
  createdMs: z.number(),
})

/** A place in a shard, as shard iterators carry it; the server keeps no state for them. */
export type ShardIterator = z.infer<typeof iteratorSchema>

/** The token as a string that is opaque to clients. */
export function sealToken(token: object): string {
  return Buffer.from(JSON.stringify(token)).toString('base64')
}

/**
 * The place in a client's iterator.
 *
 * Throws `InvalidArgumentException` for an iterator that is none and `ExpiredIteratorException` for one older than 5
 * minutes.
 */
export function openIterator(sealed: string, nowMs: number): ShardIterator {
  const iterator = openToken(iteratorSchema, sealed)
  if (iterator === undefined) throw new AwsServiceError('InvalidArgumentException', 'Invalid ShardIterator.')
  if (nowMs - iterator.createdMs <= tokenLifetimeMs) return iterator
  throw new AwsServiceError(
    'ExpiredIteratorException',
    `Iterator expired. It was created at ${new Date(iterator.createdMs).toISOString()}, now it is ` +
      `${new Date(nowMs).toISOString()}; iterators last ${tokenLifetimeMs} ms.`,
  )
}

/**
 * What a client's page token says.
 *
 * Throws `InvalidArgumentException` for a token that is none of the schema's and `ExpiredNextTokenException` for one
 * older than 5 minutes.
 */
export function openPageToken<T extends { readonly createdMs: number }>(
  schema: z.ZodType<T>,
  sealed: string,
  nowMs: number,
): T {
  const token = openToken(schema, sealed)
  if (token === undefined) throw new AwsServiceError('InvalidArgumentException', 'Invalid NextToken.')
  if (nowMs - token.createdMs <= tokenLifetimeMs) return token
  throw new AwsServiceError('ExpiredNextTokenException', `The NextToken is older than ${tokenLifetimeMs} ms.`)
}

/** The token in a client's string, or undefined if {@link sealToken} did not make it. */
function openToken<T>(schema: z.ZodType<T>, sealed: string): T | undefined {
  const parsed = parseJson(Buffer.from(sealed, 'base64').toString('utf8'))
  return schema.safeParse(parsed).data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Arbitrary bytes of a client: not a token, which the schema then says.
    return undefined
  }
}
