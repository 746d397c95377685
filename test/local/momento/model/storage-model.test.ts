import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { agreesWithModel } from './storage-model.ts'
import * as storage from './storage-under-test.ts'

test('any history of calls and time gives the answers and the items of a plain model', () => {
  const runs = fc.check(agreesWithModel(storage), { numRuns: 3000, seed: 20_261_128 })
  expect(fc.defaultReportMessage(runs)).toBeUndefined()
})
