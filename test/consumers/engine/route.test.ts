import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { cellAddress } from '../../../consumers/engine/cell.ts'
import { RejectError } from '../../../consumers/engine/errors.ts'
import { bucketOf, eventId } from '../../../consumers/engine/identity.ts'
import {
  count,
  definePipeline,
  minutes,
  type Pipeline,
  tumbling,
} from '../../../consumers/engine/pipeline.ts'
import type { SourceRecord } from '../../../consumers/engine/ports.ts'
import { routingText } from '../../../consumers/engine/keys.ts'
import { type Route, routeRecord } from '../../../consumers/engine/route.ts'
import { departure, departures, paneStartMs, position, recordOf } from './departures.ts'

/** A pipeline that takes any JSON, its id and time from the stream. */
const anything = definePipeline(z.json(), {
  name: 'anything',
  window: tumbling(minutes(1)),
  groupBy: { kind: (json) => typeof json },
  measures: { count: count() },
})

/** The route of a record that is not left out. */
function routed(pipeline: Pipeline, record: SourceRecord): Route {
  const route = routeRecord(pipeline, record)
  if (route === undefined) throw new Error('the record is left out')
  return route
}

function keysOf({ contribution }: Route): readonly (readonly string[])[] {
  return contribution.shares.map((shares) => shares.map(({ key }) => key))
}

function failureOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

function payload(text: string): { readonly payload: Uint8Array } {
  return { payload: Buffer.from(text) }
}

describe('a route', () => {
  test('is the pane of the event time and the bucket of the grouping bucketed by', () => {
    const route = routed(departures, recordOf(departure({ at: paneStartMs + 59_999 })))
    expect(route).toMatchObject({
      paneStartMs,
      address: cellAddress(departures, paneStartMs, bucketOf('JFK', 4)),
      contribution: { id: eventId('departures', 'd-1') },
    })
    expect(keysOf(route)).toEqual([['JFK'], ['JFK|LAX']])
    const next = { arrivalMs: paneStartMs + minutes(1) }
    const nextPane = routed(departures, recordOf(departure({ at: paneStartMs + minutes(1) }), next))
    expect(nextPane.paneStartMs).toBe(paneStartMs + minutes(1))
  })

  test('does not depend on the delivery where the event names itself', () => {
    const first = routed(departures, recordOf(departure()))
    const elsewhere = {
      position: { stream: 'other', shard: 'other', sequenceNumber: '1' },
      partitionKey: 'other',
      arrivalMs: paneStartMs + minutes(4),
    }
    expect(routed(departures, recordOf(departure(), elsewhere))).toEqual(first)
  })

  test('takes place, arrival and partition key where the event has no id, time and bucket', () => {
    const { contribution, ...route } = routed(anything, recordOf(7, { partitionKey: 'p' }))
    expect(route).toEqual({
      pipeline: anything,
      paneStartMs,
      address: cellAddress(anything, paneStartMs, bucketOf('p', 4)),
    })
    expect(routed(anything, recordOf(8)).contribution.id).toEqual(contribution.id)
    const next = { ...position, sequenceNumber: `${position.sequenceNumber}1` }
    expect(routed(anything, recordOf(7, { position: next })).contribution.id).not.toEqual(contribution.id)
  })

  test('routes a plain key by its very text, as producers send it, and a composite one without ambiguity', () => {
    expect(routingText('a|b')).toBe('a|b')
    expect(routingText(['a|b'])).toBe('a|b')
    expect(routingText(['a|b', 'c'])).toBe(String.raw`a\|b|c`)
    expect(routingText(['a', 'b|c'])).not.toBe(routingText(['a|b', 'c']))
  })
})

describe('rejects', () => {
  test.each<[string, Partial<SourceRecord>]>([
    ['too-large', { payload: new Uint8Array(1_000_001) }],
    ['not-utf8', { payload: Buffer.of(0x22, 0xff, 0x22) }],
    ['not-json', payload('{')],
    ['not-json', payload('')],
    ['wrong-shape', payload('{}')],
    ['invalid-key', payload(JSON.stringify(departure({ origin: '\uD83D' })))],
    ['invalid-key', payload(JSON.stringify(departure({ id: '\uD83D' })))],
    ['invalid-value', payload(JSON.stringify(departure({ miles: 0.5 })))],
    ['late', { arrivalMs: paneStartMs + minutes(5) + 1 }],
    ['from-the-future', { arrivalMs: paneStartMs - minutes(1) - 1 }],
  ])('%s, with the same verdict at every delivery', (reason, fields) => {
    const record = recordOf(departure(), fields)
    const failure = failureOf(() => routeRecord(departures, record))
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason })
    expect(String(failureOf(() => routeRecord(departures, record)))).toBe(String(failure))
  })

  test.each([minutes(5), -minutes(1), 0])(
    'a record that arrives %d ms after its event is in time',
    (ageMs) => {
      const record = recordOf(departure(), { arrivalMs: paneStartMs + ageMs })
      expect(routed(departures, record).paneStartMs).toBe(paneStartMs)
    },
  )

  test('a record after one that is not UTF-8 is read from its own beginning', () => {
    expect(
      failureOf(() => routeRecord(anything, recordOf(7, { payload: Buffer.of(0xe2, 0x82) }))),
    ).toMatchObject({
      reason: 'not-utf8',
    })
    expect(() => routeRecord(anything, recordOf(7, payload('7')))).not.toThrow()
  })
})

describe('hostile payloads', () => {
  test('a payload of a megabyte is read', () => {
    const text = JSON.stringify('x'.repeat(999_998))
    expect(text).toHaveLength(1_000_000)
    expect(keysOf(routed(anything, recordOf(7, payload(text))))).toEqual([['string']])
  })

  test('JSON of 10,000 levels is rejected, whatever the schema would make of it', () => {
    const levels = 10_000
    const deep = payload(`${'['.repeat(levels)}${']'.repeat(levels)}`)
    for (const pipeline of [departures, anything]) {
      expect(failureOf(() => routeRecord(pipeline, recordOf(0, deep)))).toMatchObject({ reason: 'too-deep' })
    }
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['an object', {}],
    ['no parts', []],
    ['a part that is no text', [7]],
    ['a part that is null', [null]],
  ])('a key to bucket by that is %s rejects the record, not its batch', (_, key) => {
    const careless = definePipeline(z.json(), {
      name: 'careless',
      window: tumbling(minutes(1)),
      groupBy: { kind: () => key as string },
      measures: { count: count() },
      bucketBy: 'kind',
    })
    const failure = failureOf(() => routeRecord(careless, recordOf(7)))
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'invalid-key' })
  })

  test('names of the prototype are groups and members like any others', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const route = routed(departures, recordOf(departure({ origin: name, id: name })))
      expect(keysOf(route)[0]).toEqual([name])
    }
    const text = JSON.stringify(departure()).replace('{', '{"__proto__":{"miles":1},"constructor":1,')
    expect(routed(departures, recordOf(0, payload(text))).contribution).toEqual(
      routed(departures, recordOf(departure())).contribution,
    )
    expect(Object.hasOwn(Object.prototype, 'miles')).toBe(false)
  })

  test('any bytes and any JSON are routed or rejected, never anything else', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, (any) => {
        for (const pipeline of [departures, anything]) {
          const failure = failureOf(() => routeRecord(pipeline, recordOf(0, { payload: any })))
          expect(failure instanceof RejectError || !(failure instanceof Error)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
