import type { KinesisClient } from '@aws-sdk/client-kinesis'

/** A call and its answer, or the name of its error, in a form that is the same for any server that works alike. */
export interface Exchange {
  readonly call: string
  readonly answer: unknown
}

/** Members whose values are each server's own, and equal only where they are equal in both. */
const ownValues = /^(Starting|Ending)?SequenceNumber(ForOrdering)?$/
/** Members of which it matters only whether they are there. */
const opaqueValues = /^(ShardIterator|NextShardIterator|NextToken|.*SequenceNumberRange\..*)$/
/** Members that are equal when they are equal but for rounding. */
const hashKeys = /^(Starting|Ending|NewStarting)HashKey$/
const roundingHashKeys = 1_000_000n
/** Data from this size on is only counted. */
const largeBytes = 100

/** What one server is known to do otherwise. */
export interface Differences {
  /** Members that are left out, as `Operation.Member.Member`. */
  readonly members: ReadonlySet<string>
  /** Errors that are taken for others. */
  readonly errors: ReadonlyMap<string, string>
}

/** Collects what a client asks and is answered from now on. */
export function recordExchanges(client: KinesisClient, { members, errors }: Differences): Exchange[] {
  const exchanges: Exchange[] = []
  const names = new Map<string, string>()
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const operation = commandName.replace('Command', '')
        const input = normalised(args.input, `${operation}.input`, names, members)
        const call = `${operation} ${JSON.stringify(input)}`
        try {
          const result = await next(args)
          exchanges.push({ call, answer: normalised(result.output, operation, names, members) })
          return result
        } catch (error) {
          const name = error instanceof Error ? error.name : String(error)
          exchanges.push({ call, answer: { error: errors.get(name) ?? name } })
          throw error
        }
      },
    { step: 'initialize' },
  )
  return exchanges
}

function normalised(
  value: unknown,
  path: string,
  names: Map<string, string>,
  leftOut: ReadonlySet<string>,
): unknown {
  if (value instanceof Date) return 'a time'
  if (value instanceof Uint8Array) {
    return value.length < largeBytes ? Buffer.from(value).toString('base64') : `${value.length} bytes`
  }
  if (Array.isArray(value)) return value.map((item) => normalised(item, path, names, leftOut))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const memberPath = `${path}.${key}`
    if (key === '$metadata' || member === undefined || leftOut.has(memberPath)) return []
    if (typeof member !== 'string') return [[key, normalised(member, memberPath, names, leftOut)]]
    if (opaqueValues.test(memberPath) || opaqueValues.test(key)) return [[key, 'a value of its own']]
    if (hashKeys.test(key) && /^\d+$/.test(member))
      return [[key, `about ${BigInt(member) / roundingHashKeys}`]]
    return [[key, ownValues.test(key) ? nameOf(member, names) : member]]
  })
  return Object.fromEntries(entries)
}

/** By order of appearance. */
function nameOf(value: string, names: Map<string, string>): string {
  const name = names.get(value) ?? `number ${names.size + 1}`
  names.set(value, name)
  return name
}
