import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DefinitionError, RejectError } from '../../../../consumers/engine/errors.ts'
import { type Decimal, decimalText, scaling } from '../../../../consumers/engine/measures/decimals.ts'
import { decimalValues, isSafe, textOf } from './decimal-values.ts'

describe('scaling', () => {
  test.each([0, 1, 2, 7, 18])(
    'with %d decimals, every form of a value becomes its exact units',
    (decimals) => {
      fc.assert(
        fc.property(decimalValues(decimals), ({ value, units }) => {
          expect(scaling(decimals)(value)).toBe(isSafe(units) ? Number(units) : units)
        }),
        { numRuns: 1_000 },
      )
    },
  )

  test('a number means its shortest decimal text, whatever its double is', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e13, max: 1e13, noNaN: true }), fc.nat(18), (value, decimals) => {
        const scaled = (form: Decimal): unknown => {
          try {
            return scaling(decimals)(form)
          } catch (error) {
            if (error instanceof RejectError) return 'rejected'
            throw error
          }
        }
        const ofText = scaled(String(value))
        expect(scaled(value)).toBe(typeof ofText === 'bigint' ? 'rejected' : ofText)
      }),
      { numRuns: 5_000 },
    )
  })

  test.each<[value: Decimal, decimals: number, units: number | bigint]>([
    [1.15, 2, 115],
    [1.005, 3, 1_005],
    [0.3, 1, 3],
    [-0.07, 2, -7],
    [8.2, 1, 82],
    [1e-7, 7, 1],
    [1e-18, 18, 1],
    ['1E-7', 8, 10],
    ['1e21', 0, 10n ** 21n],
    ['1.5e3', 0, 1_500],
    ['12.50', 1, 125],
    ['-12.50', 2, -1_250],
    ['007', 0, 7],
    ['0.000', 0, 0],
    [9_007_199_254_740_991, 0, 9_007_199_254_740_991],
    [9_007_199_254_740_993n, 0, 9_007_199_254_740_993n],
    [5n, 2, 500],
  ])('%s with %d decimals is %s units', (value, decimals, units) => {
    expect(scaling(decimals)(value)).toBe(units)
  })

  test.each<[value: unknown, decimals: number]>([
    [1.005, 2],
    [0.1 + 0.2, 2],
    ['0.001', 2],
    [1e-7, 6],
    [0.5, 0],
    [2 ** 53, 0],
    [1e21, 0],
    [1e15, 2],
    [Number.MAX_VALUE, 0],
    [5e-324, 18],
    ['1e38', 0],
    [10n ** 38n, 0],
    [10n ** 37n, 1],
    ['1e999', 0],
    ['1e-999', 18],
    ['9'.repeat(101), 0],
    ['0'.repeat(101), 0],
    [Number.NaN, 2],
    [-Infinity, 2],
    ['', 2],
    ['-', 2],
    ['.5', 2],
    ['5.', 2],
    ['+5', 2],
    [' 5', 2],
    ['5\n', 2],
    ['0x10', 2],
    ['1_000', 2],
    ['1,5', 2],
    ['NaN', 2],
    ['٣', 2],
    [null, 2],
    [undefined, 0],
    [true, 0],
    [[1], 0],
    [new Number(1), 0],
  ])('%o with %d decimals rejects its record', (value, decimals) => {
    let failure: unknown
    try {
      scaling(decimals)(value as Decimal)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(RejectError)
    expect(failure).toMatchObject({ reason: 'invalid-value' })
  })

  test('negative zero is zero in every form', () => {
    for (const decimals of [0, 2]) {
      for (const zero of [-0, '-0', '-0.00']) expect(Object.is(scaling(decimals)(zero), 0)).toBe(true)
    }
    expect(Object.is(scaling(18)('-0e-18'), 0)).toBe(true)
  })

  test.each([-1, 19, 0.5, Number.NaN])('%d decimals are refused where they are defined', (decimals) => {
    expect(() => scaling(decimals)).toThrow(DefinitionError)
  })
})

test('units are written down with all of their decimals', () => {
  fc.assert(
    fc.property(fc.bigInt(), fc.integer({ min: 1, max: 18 }), (units, decimals) => {
      expect(decimalText(units, decimals)).toBe(textOf(units, decimals))
    }),
  )
  expect(decimalText(-5n, 2)).toBe('-0.05')
})
