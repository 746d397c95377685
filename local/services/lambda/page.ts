import { z } from 'zod'
import { parseInput, whole } from './request-input.ts'

const inputSchema = z.object({ MaxItems: whole(1, 10_000).optional() })

/**
 * The page of a list that a query wants: at most `MaxItems`, and `most`, from `Marker` on.
 *
 * `items` are in the order of what `keyOf` gives, which is different for each. Throws `ValidationException` for a
 * `MaxItems` that is none.
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { query, most }: { readonly query: URLSearchParams; readonly most: number },
): { readonly page: readonly T[]; readonly NextMarker?: string } {
  const wanted = query.get('MaxItems')
  const { MaxItems = most } = parseInput(inputSchema, wanted === null ? {} : { MaxItems: Number(wanted) })
  const after = Buffer.from(query.get('Marker') ?? '', 'base64').toString()
  const rest = items.filter((item) => keyOf(item) > after)
  const page = rest.slice(0, Math.min(MaxItems, most))
  const last = page.at(-1)
  if (last === undefined || page.length === rest.length) return { page }
  return { page, NextMarker: Buffer.from(keyOf(last)).toString('base64') }
}
