import type { FlightsResult } from './flights-proof.ts'
import { isExact, type ProofResult } from './once.ts'
import type { OrdersResult } from './orders-proof.ts'
import type { FunctionWork } from './proof.ts'

/** The results of a proof, by pipeline, for people. */
export function resultsInWords(results: Readonly<Record<string, ProofResult>>): string {
  const [any] = Object.values(results)
  return [
    ...Object.entries(results).flatMap(([pipeline, result]) => {
      const verdict = isExact(result) ? 'exact' : `NOT EXACT: ${result.mismatches} mismatches`
      const [first, ...others] = 'changes' in result ? ordersInWords(result) : flightsInWords(result)
      return [
        `${pipeline}: ${verdict}; ${first}`,
        ...[...others, workInWords(result)].map((line) => `  ${line}`),
      ]
    }),
    `${any?.seconds} s in all`,
  ].join('\n')
}

function flightsInWords(result: FlightsResult): string[] {
  const filtered = result.filtered > 0 ? ` and ${result.filtered} left out` : ''
  const estimates = Object.entries(result.estimates).map(
    ([measure, { compared, estimates: count, worstError }]) =>
      `${measure}: ${count} estimates among ${compared} values, off by ${percent(worstError)} at most`,
  )
  return [
    `${result.sent} departures sent, ${result.counted} counted${filtered}, in ${result.groups} groups`,
    `${result.duplicatesSent} repeats sent, ${result.duplicatesDropped} dropped, redeliveries included`,
    `${result.garbageSent} unreadable records sent, ${result.rejected} in the failed-records bucket`,
    ...estimates,
  ]
}

function ordersInWords({ changes, lines, groups }: OrdersResult): string[] {
  return [`${changes} changes of a table, and its ${lines} lines as a scan finds them, in ${groups} groups`]
}

function workInWords({ invocations, environments, storeRequests }: FunctionWork): string {
  return `${invocations} invocations in ${environments} environments, ${storeRequests} Momento requests`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}
