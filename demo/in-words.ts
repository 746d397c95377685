import { isExact, type ProofResult } from './once.ts'

/** The results of a proof, by pipeline, for people. */
export function resultsInWords(results: Readonly<Record<string, ProofResult>>): string {
  const [any] = Object.values(results)
  return [
    ...Object.entries(results).map(([pipeline, result]) => inWords(pipeline, result)),
    `${any?.recordsPerSecond} records/s, ${any?.seconds} s in all`,
  ].join('\n')
}

function inWords(pipeline: string, result: ProofResult): string {
  const verdict = isExact(result) ? 'exact' : `NOT EXACT: ${result.mismatches} mismatches`
  const filtered = result.filtered > 0 ? ` and ${result.filtered} left out` : ''
  const estimates = Object.entries(result.estimates).map(
    ([measure, { compared, estimates: count, worstError }]) =>
      `  ${measure}: ${count} estimates among ${compared} values, off by ${percent(worstError)} at most`,
  )
  return [
    `${pipeline}: ${verdict}; ${result.sent} departures sent, ${result.counted} counted${filtered}, in ${result.groups} groups`,
    `  ${result.duplicatesSent} repeats sent, ${result.duplicatesDropped} dropped, redeliveries included`,
    `  ${result.garbageSent} unreadable records sent, ${result.rejected} in the failed-records bucket`,
    ...estimates,
    `  ${result.invocations} invocations in ${result.environments} environments, ${result.storeRequests} Momento requests`,
  ].join('\n')
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`
}
