import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { count, definePipeline, minutes, type Pipeline, tumbling } from '../../consumers/engine/pipeline.ts'
import { flightSchema } from '../../consumers/flights/event.ts'
import { streams, tables } from '../../consumers/pipelines.ts'

/** By pipeline: the definition under which deployed functions have stored cells. */
const deployed = new Map(
  Object.entries(
    JSON.parse(readFileSync(join(import.meta.dirname, 'deployed-definitions.json'), 'utf8')) as Record<
      string,
      string
    >,
  ),
)

/** A pipeline that would no longer find the cells of its deployed definition, and read zeros for them. */
function forgets(pipeline: Pipeline, fingerprint: string | undefined): boolean {
  if (fingerprint === undefined) return false
  for (let each: Pipeline | undefined = pipeline; each !== undefined; each = each.predecessor) {
    if (each.fingerprint === fingerprint) return false
  }
  return true
}

test('no pipeline forgets what its deployed definition has counted', () => {
  // Give the changed one `effectiveFrom` and the deployed one as `predecessor`. One that was never deployed, or whose
  // cells have expired since, is recorded anew in deployed-definitions.json.
  const forgetful = [...streams, ...tables]
    .flatMap(({ pipelines }) => pipelines)
    .filter((pipeline) => forgets(pipeline, deployed.get(pipeline.name)))
  expect(forgetful.map(({ name, fingerprint }) => ({ [name]: fingerprint }))).toEqual([])
})

test('a change in place forgets, and a successor does not', () => {
  const common = { name: 'views', groupBy: { origin: () => 'a' } }
  const first = definePipeline(flightSchema, {
    ...common,
    window: tumbling(minutes(1)),
    measures: { views: count() },
  })
  const more = { ...common, window: tumbling(minutes(1)), measures: { views: count(), again: count() } }
  expect(forgets(definePipeline(flightSchema, more), first.fingerprint)).toBe(true)
  const succession = { effectiveFrom: Date.UTC(2026, 0, 1), predecessor: first }
  expect(forgets(definePipeline(flightSchema, { ...more, ...succession }), first.fingerprint)).toBe(false)
})
