import { expect, it } from 'vitest'
import type { MappingOptions } from '../../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../../local/event-source-mapping/properties.ts'
import { createWorld, OK, type Script, reporting, THROTTLED, THROWN } from './world.ts'

/** A mapping of which one told is kept: names with records, and the others with their values. */
function observedWorld(
  properties: Partial<MappingProperties>,
  script: Script,
  options: Pick<MappingOptions, 'reportFailure'> = {},
) {
  const told: (readonly [name: string, value?: number])[] = []
  const observer: MappingOptions['observer'] = {
    onEvents: (name, records) => told.push([name, records]),
    onIteratorAge: ({ ageMs }) => told.push(['IteratorAge', ageMs]),
    onDestinationDeliveryFailure: () => told.push(['DestinationDeliveryFailures']),
  }
  const world = createWorld({ emitsEventCounts: true, ...properties }, script, { ...options, observer })
  return { world, told }
}

it('what is read and sent is told, 0 records of a look that finds nothing', async () => {
  const { world, told } = observedWorld({}, () => OK)
  world.put(3)
  world.mapping.start()
  await world.clock.settle()
  expect(told).toEqual([
    ['PolledEventCount', 3],
    ['IteratorAge', 0],
    ['InvokedEventCount', 3],
    ['PolledEventCount', 0],
  ])
})

it('each attempt is told again, with the records that failed, and the age of the last one', async () => {
  const answers = [THROWN, reporting('8'), OK]
  const { world, told } = observedWorld({ reportBatchItemFailures: true }, () => answers.shift() ?? OK)
  world.put(3)
  world.mapping.start()
  await world.clock.advance(300)
  expect(told.filter(([name]) => name.startsWith('Invoked') || name.startsWith('Failed'))).toEqual([
    ['InvokedEventCount', 3],
    ['FailedInvokeEventCount', 3],
    ['InvokedEventCount', 3],
    ['FailedInvokeEventCount', 2],
    ['InvokedEventCount', 2],
  ])
  const ages = told.flatMap(([name, value]) => (name === 'IteratorAge' ? (value ?? []) : []))
  expect(ages).toEqual([0, ages[1], ages[1]])
  expect(ages[1]).toBeGreaterThan(0)
})

it('a throttled call is told of as nothing', async () => {
  const { world, told } = observedWorld({}, () => THROTTLED)
  world.put(3)
  world.mapping.start()
  await world.clock.settle()
  expect(world.invocations).toHaveLength(1)
  expect(told.filter(([name]) => name !== 'PolledEventCount')).toEqual([])
})

it('filtered records are told, and 0 where all of them pass', async () => {
  const { world, told } = observedWorld({ filterPatterns: ['{"partitionKey":["LHR"]}'] }, () => OK)
  world.put(2, 'JFK')
  world.mapping.start()
  await world.clock.settle()
  expect(told).toEqual([
    ['PolledEventCount', 2],
    ['FilteredOutEventCount', 0],
    ['FilteredOutEventCount', 1],
    ['FilteredOutEventCount', 1],
    ['PolledEventCount', 0],
    ['FilteredOutEventCount', 0],
  ])
})

it.each<[string, MappingOptions['reportFailure'], (readonly [string, number?])[]]>([
  ['reported', async () => undefined, [['OnFailureDestinationDeliveredEventCount', 2]]],
  ['dropped, as there is nobody to tell', undefined, [['DroppedEventCount', 2]]],
  [
    'dropped, as the report is not taken',
    () => Promise.reject(new Error('denied')),
    [['DestinationDeliveryFailures'], ['DroppedEventCount', 2]],
  ],
])('records that are given up are told when they are %s', async (_fate, reportFailure, expected) => {
  const { world, told } = observedWorld({ maximumRetryAttempts: 0 }, () => THROWN, { reportFailure })
  world.put(2)
  world.mapping.start()
  await world.clock.settle()
  const afterCall = told.slice(told.findIndex(([name]) => name === 'FailedInvokeEventCount') + 1)
  expect(afterCall.filter(([name]) => name !== 'PolledEventCount')).toEqual(expected)
})

it('event counts are told from when the mapping is told to, iterator ages always', async () => {
  const { world, told } = observedWorld({ emitsEventCounts: false }, () => OK)
  world.put(1)
  world.mapping.start()
  await world.clock.settle()
  expect(told).toEqual([['IteratorAge', 0]])
  await world.mapping.update({ emitsEventCounts: true })
  world.put(1)
  await world.clock.advance(1_000)
  expect(told).toContainEqual(['InvokedEventCount', 1])
})
