/** What the stories have to come through; each is counted where it happens. */
export const situationNames = [
  'swap refused',
  'two create one cell',
  'unchanged cell swapped for itself',
  'request lost',
  'answer lost',
  'own write found after its answer was lost',
  'late apply stored',
  'delayed past the time-out',
  'throttled',
  'internal error after applying',
  'stale read',
  'stale miss',
  'damaged in transit',
  'damaged at rest',
  'head evicted',
  'head rolled back',
  'newer codec met',
  'lossy restart',
  'loss seen by a warm instance',
  'clock skew at the gate',
  'rejected as expired',
  'rejected as late or from the future',
  'rejected as unreadable',
  'rejected as over-cap',
  'failed-records write lost',
  'failed-records write partial',
  'killed',
  'stalled',
  'function timed out',
  'zombie went on',
  'thawed',
  'partial response',
  'bisected',
  'lost acknowledgement',
  'discarded for its age',
  'discarded for its attempts',
  'split',
  'merge',
  'parallelization factor changed in flight',
  'two mappings',
  'replay beside live traffic',
  'replay after a loss',
  'repeated within a batch',
  'read that is not complete',
  'consistent read that is complete',
  'sealed',
  'segment written, head refused',
  'segment read',
  'segment evicted',
  'segment confirmed lost',
] as const

export type Situation = (typeof situationNames)[number]
export type Situations = Record<Situation, number>

export function noSituations(): Situations {
  return Object.fromEntries(situationNames.map((name) => [name, 0])) as Situations
}

/** Adds what other stories came through. */
export function addSituations(to: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [name, times] of Object.entries(from)) to[name] = (to[name] ?? 0) + times
}
