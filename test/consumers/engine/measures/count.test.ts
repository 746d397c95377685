import * as fc from 'fast-check'
import { describe } from 'vitest'
import { count } from '../../../../consumers/engine/measures/count.ts'
import { testLaws, testRetraction } from './laws.ts'

describe('count', () => {
  testLaws(count(), fc.boolean(), (events) => events.length)
  testRetraction(count(), fc.boolean())
})

describe('count where', () => {
  const measure = count({ where: (event: boolean) => event })
  testLaws(measure, fc.boolean(), (events) => events.filter(Boolean).length)
  testRetraction(measure, fc.boolean())
})
