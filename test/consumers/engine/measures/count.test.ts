import * as fc from 'fast-check'
import { count } from '../../../../consumers/engine/measures/count.ts'
import { testLaws } from './laws.ts'

testLaws(count(), fc.boolean(), (events) => events.length)
