import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalStack } from '../local/main.ts'
import { areFlightsExact, flightsProof, type FlightsResult } from './flights-proof.ts'
import { ordersProof, type OrdersResult } from './orders-proof.ts'
import type { Finding, Proof } from './proof.ts'
import { hasTables } from './status.ts'

/** A stack that has not drained in that time for so many departures is stuck. */
const drainTimeoutMs = 120_000
const drainDepartures = 20_000
const shownMismatches = 20
/** For each of two producers; each line changes some four times. */
const orderLines = 4_500

/** What is sent, and who is told of it. */
export interface ProofOptions {
  /** Default 20,000. With fewer there are fewer orders too. */
  readonly departures?: number | undefined
  readonly say: (text: string) => void
  readonly signal: AbortSignal
  /** Whether functions are killed meanwhile. Default false. */
  readonly isDisturbed?: boolean
  /** Called when everything is counted, before it is read back. */
  readonly onDrained?: () => void
}

/** The result for one pipeline. */
export type ProofResult = (FlightsResult | OrdersResult) & {
  /** Values, groups or rejected records that are not as the recount says, and records that were never sent. */
  readonly mismatches: number
  /** Of the whole run. */
  readonly seconds: number
}

/** Whether all that was sent is where it belongs, once. */
export function isExact(result: ProofResult): boolean {
  return result.mismatches === 0 && ('changes' in result || areFlightsExact(result))
}

/**
 * The proof, by pipeline: sends everything, waits until the stack is drained, reads everything back, and compares it with
 * what was sent or written. Without tables there are no orders.
 */
export async function provePipelines(
  stack: LocalStack,
  { departures = drainDepartures, say, signal, isDisturbed = false, onDrained }: ProofOptions,
): Promise<Readonly<Record<string, ProofResult>>> {
  const directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
  try {
    // Where one sender fails the others have nothing left to prove.
    const failed = new AbortController()
    const run = { stack, directory, say, signal: AbortSignal.any([signal, failed.signal]), isDisturbed }
    const share = departures / drainDepartures
    const proofs: Proof<FlightsResult | OrdersResult>[] = [
      flightsProof(run, { departures, duplicates: 0.05, garbage: 10 }),
    ]
    if (hasTables(stack)) proofs.push(ordersProof(run, Math.ceil(orderLines * Math.min(1, share))))

    const startedMs = Date.now()
    const send = async (proof: (typeof proofs)[number]): Promise<void> => {
      try {
        await proof.send()
      } catch (error) {
        failed.abort(error)
        throw error
      }
    }
    await Promise.all(proofs.map(send))
    await within(stack.drained(), drainTimeoutMs * Math.max(1, share), signal)
    onDrained?.()
    say(`drained after ${((Date.now() - startedMs) / 1_000).toFixed(1)} s; reading back and recounting`)

    // One after the other: while one recounts, what the queries of another ask this process would have to wait.
    const findings: [string, Finding<FlightsResult | OrdersResult>][] = []
    for (const proof of proofs) findings.push(...Object.entries(await proof.check()))
    const results = findings.map(([pipeline, { result, mismatches }]) => {
      for (const line of mismatches.slice(0, shownMismatches)) say(`${pipeline}: mismatch: ${line}`)
      const seconds = Math.round(performance.now() / 100) / 10
      return [pipeline, { ...result, mismatches: mismatches.length, seconds }] as const
    })
    return Object.fromEntries(results)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function within(promise: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = AbortSignal.any([timeout, signal])
  signal.throwIfAborted()
  await Promise.race([
    promise,
    new Promise((_, reject) => {
      either.addEventListener('abort', () =>
        reject(new Error(timeout.aborted ? `not drained after ${timeoutMs / 1_000} s` : 'interrupted')),
      )
    }),
  ])
}
