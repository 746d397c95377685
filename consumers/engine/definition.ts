import { hash } from 'node:crypto'
import { DefinitionError } from './errors.ts'
import type { Pipeline } from './pipeline.ts'
import {
  hours,
  maximumClockSkewMs,
  maximumLifetimeMs,
  minimumRetentionMs,
  minutes,
  segmentSlackMs,
} from './windows.ts'

const maximumBuckets = 1_024
/** The bounds that Lambda sets to a mapping's record age (its API reference, MaximumRecordAgeInSeconds). */
const recordAgeBoundsMs = { least: minutes(1), most: hours(24 * 7) }

/** A definition before it has a fingerprint. */
export type Definition = Omit<Pipeline, 'fingerprint' | 'types'>

/** The error for a definition that could not work; the message says what to change. */
export function refusal(name: string, message: string): DefinitionError {
  return new DefinitionError(`pipeline ${JSON.stringify(name)}: ${message}`)
}

/** Throws DefinitionError with what to change, for a definition that could not work. */
export function checkDefinition(definition: Definition): void {
  checkName(definition)
  checkWindow(definition)
  checkDurations(definition)
  checkStructure(definition)
  checkSuccession(definition)
}

function checkName({ name }: Definition): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 64) {
    throw refusal(name, 'a name is kebab-case, such as page-views, of at most 64 characters')
  }
}

/** A pane of one's own choice that does not make up the windows would be counted and never read. */
function checkWindow({ name, window }: Definition): void {
  const { sizeMs, periodMs, paneMs } = window
  if (sizeMs >= periodMs && periodMs >= paneMs && sizeMs % paneMs === 0 && periodMs % paneMs === 0) return
  throw refusal(name, 'window is what tumbling(...) or hopping(...) gives, as it is')
}

function checkDurations(definition: Definition): void {
  const { name, window, allowedFutureSkewMs, allowedLatenessMs, maximumRecordAgeMs, retentionMs } = definition
  const durations: readonly [option: string, durationMs: number, leastMs: number, mostMs: number][] = [
    ['allowedLateness', allowedLatenessMs, 0, maximumLifetimeMs],
    ['allowedFutureSkew', allowedFutureSkewMs, 0, maximumLifetimeMs],
    ['maximumRecordAge', maximumRecordAgeMs, recordAgeBoundsMs.least, recordAgeBoundsMs.most],
    ['retention', retentionMs, minimumRetentionMs(window), maximumLifetimeMs],
  ]
  for (const [option, durationMs, leastMs, mostMs] of durations) {
    if (durationMs % 1_000 !== 0 || !(durationMs >= leastMs && durationMs <= mostMs)) {
      const bounds = `from ${leastMs / 1_000} s to ${mostMs / 1_000} s`
      throw refusal(name, `${option} is whole seconds ${bounds}, written in milliseconds; not ${durationMs}`)
    }
  }
  const lifetimeMs =
    window.paneMs +
    allowedFutureSkewMs +
    allowedLatenessMs +
    maximumRecordAgeMs +
    retentionMs +
    segmentSlackMs +
    maximumClockSkewMs
  if (lifetimeMs > maximumLifetimeMs) {
    const lifetime = `its cells would live ${(lifetimeMs / hours(1)).toFixed(1)} h, and the cache keeps an item 24 h`
    throw refusal(name, `${lifetime}: shorten retention, maximumRecordAge or allowedLateness`)
  }
}

function checkStructure(definition: Definition): void {
  const { name, groupings, measures, keptMeasures, bucketBy, buckets, maximumGroups } = definition
  if (groupings.length === 0) throw refusal(name, 'groupBy names no grouping')
  if (measures.length === 0) throw refusal(name, 'measures names no measure')
  if (bucketBy !== undefined && !groupings.includes(bucketBy)) {
    throw refusal(name, `bucketBy names no grouping: ${bucketBy}`)
  }
  for (const [index, kept] of keptMeasures.entries()) {
    if (kept.length === 0) throw refusal(name, `no measure is kept for ${groupings[index]}`)
  }
  for (const measure of measures) {
    if (measure.on?.length === 0) throw refusal(name, `${measure.name} is kept for no grouping`)
    const unknown = measure.on?.find((grouping) => !groupings.includes(grouping))
    if (unknown !== undefined)
      throw refusal(name, `${measure.name} is kept for ${unknown}, which groupBy does not name`)
  }
  if (!Number.isSafeInteger(buckets) || buckets < 1 || buckets > maximumBuckets) {
    throw refusal(name, `buckets is a whole number from 1 to ${maximumBuckets}`)
  }
  if (!Number.isSafeInteger(maximumGroups) || maximumGroups < 1) {
    throw refusal(name, 'maximumGroups is a whole number above 0')
  }
}

/** Panes are never split between definitions, and what an event is called and when it happened never changes. */
function checkSuccession(definition: Definition): void {
  const { name, predecessor, effectiveFromMs, window } = definition
  if (predecessor === undefined) {
    if (effectiveFromMs === -Infinity) return
    throw refusal(name, 'effectiveFrom needs the predecessor, which counts the events before it')
  }
  if (predecessor.name !== name) {
    throw refusal(name, `its predecessor is called ${predecessor.name}: another name is another pipeline`)
  }
  if (!Number.isSafeInteger(effectiveFromMs)) {
    throw refusal(
      name,
      'a predecessor needs effectiveFrom, the epoch milliseconds from which this definition counts',
    )
  }
  if (effectiveFromMs <= predecessor.effectiveFromMs) {
    throw refusal(name, 'effectiveFrom is not later than the predecessor’s')
  }
  for (const { paneMs } of [window, predecessor.window]) {
    if (effectiveFromMs % paneMs === 0) continue
    const next = Math.ceil(effectiveFromMs / paneMs) * paneMs
    throw refusal(name, `effectiveFrom splits a pane of ${paneMs / 1_000} s; the next boundary is ${next}`)
  }
  for (let earlier: Pipeline | undefined = predecessor; earlier; earlier = earlier.predecessor) {
    const { paneMs } = earlier.window
    if (window.sizeMs % paneMs === 0 && window.periodMs % paneMs === 0) continue
    const panes = `the panes of ${paneMs / 1_000} s of an earlier definition`
    throw refusal(
      name,
      `${panes} do not make up its windows: take multiples of them, or another name for the pipeline`,
    )
  }
  for (const what of ['hasId', 'hasTime', 'retracts'] as const) {
    if (definition[what] === predecessor[what]) continue
    throw refusal(name, 'how events get their id and time never changes: name another pipeline')
  }
}

/**
 * Names everything that decides what a cell holds and when it expires, but for the author's code. Heads and segments of
 * one address have to expire together, so lifetimes are a part of it.
 */
export function fingerprint(definition: Definition): string {
  const { window, buckets, bucketBy, groupings, measures, retracts } = definition
  const lifetimes = [definition.allowedLatenessMs, definition.maximumRecordAgeMs, definition.retentionMs]
  const kinds = measures.map(({ name, kind, on }) => [name, kind, on === undefined ? null : [...on].sort()])
  const decisive = [window.paneMs, buckets, bucketBy ?? null, groupings, kinds, retracts, lifetimes]
  return hash('sha256', JSON.stringify(decisive), 'hex').slice(0, 16)
}
