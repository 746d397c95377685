import * as z from 'zod'
import { dataMethods } from './data-methods.ts'
import type { FaultSettings } from './faults.ts'
import { statusNames } from './status-names.ts'

const share = z.number().min(0).max(1)
const durationMs = z.number().min(0)

const faultsSchema = z.strictObject({
  refuseRate: share.exactOptional(),
  loseAnswerRate: share.exactOptional(),
  limitRate: share.exactOptional(),
  holdRate: share.exactOptional(),
  failRates: z.partialRecord(z.enum(statusNames), share).exactOptional(),
  cutRate: share.exactOptional(),
  delayMs: durationMs.exactOptional(),
  delayRate: share.exactOptional(),
  evictRate: share.exactOptional(),
  rollBackRate: share.exactOptional(),
  staleRate: share.exactOptional(),
  staleForMs: durationMs.exactOptional(),
  methods: z.array(z.enum(dataMethods.map(({ name }) => name))).exactOptional(),
  /** Of the draws: the same seed and the same order of calls give the same faults. */
  seed: z.int().exactOptional(),
})

/** Faults as they are asked for over HTTP. */
export type AskedFaults = z.infer<typeof faultsSchema> & FaultSettings

const evictionSchema = z.strictObject({
  cache: z.string(),
  key: z.base64().transform((text) => Buffer.from(text, 'base64')),
})

/** Faults, or why they are none. */
export function parseFaults(json: unknown): Parsed<AskedFaults> {
  return parsed(faultsSchema.safeParse(json))
}

/** An item to lose, or why it is none. */
export function parseEviction(json: unknown): Parsed<z.infer<typeof evictionSchema>> {
  return parsed(evictionSchema.safeParse(json))
}

/** What was asked for, or one line for each thing that is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly problems: readonly string[] }

function parsed<T>(result: z.ZodSafeParseResult<T>): Parsed<T> {
  if (result.success) return { value: result.data }
  return { problems: result.error.issues.map(({ path, message }) => [...path, message].join(': ')) }
}
