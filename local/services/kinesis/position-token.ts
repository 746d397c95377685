import { z } from 'zod'

/** How long clients may use a shard iterator or a page token. */
export const tokenLifetimeMs = 300_000

const tokenSchema = z.object({
  streamArn: z.string(),
  shardId: z.string(),
  position: z.number().int().nonnegative(),
  createdMs: z.number(),
})

/** A place in a stream, as shard iterators and page tokens carry it; the server keeps no state for them. */
export type PositionToken = z.infer<typeof tokenSchema>

/** The token as a string that is opaque to clients. */
export function sealToken(token: PositionToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64')
}

/** The token in a client's string, or undefined if {@link sealToken} did not make it. */
export function openToken(sealed: string): PositionToken | undefined {
  const parsed = parseJson(Buffer.from(sealed, 'base64').toString('utf8'))
  return tokenSchema.safeParse(parsed).data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Arbitrary bytes of a client: not a token, which the schema then says.
    return undefined
  }
}
