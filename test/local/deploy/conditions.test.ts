import { describe, expect, it } from 'vitest'
import { isMet } from '../../../local/deploy/conditions.ts'
import type { TemplateNames } from '../../../local/deploy/intrinsics.ts'

const names: TemplateNames = {
  ref: (name) => (name === 'AWS::Region' ? 'us-east-1' : undefined),
  attribute: () => undefined,
  condition: (name) => ({ Yes: true, No: false })[name],
}
const equals = (region: string): object => ({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] })
const here = equals('us-east-1')
const elsewhere = equals('eu-west-1')

describe('a condition', () => {
  it.each([
    [true, here],
    [false, elsewhere],
    [true, { Condition: 'Yes' }],
    [false, { Condition: 'No' }],
    [true, { 'Fn::Not': [elsewhere] }],
    [false, { 'Fn::Not': [here] }],
    [true, { 'Fn::And': [here, { Condition: 'Yes' }] }],
    [false, { 'Fn::And': [here, elsewhere] }],
    [true, { 'Fn::Or': [elsewhere, here] }],
    [false, { 'Fn::Or': [elsewhere, { 'Fn::Or': [elsewhere, { Condition: 'No' }] }] }],
  ])('is met: %s, %j', (expected, expression) => {
    expect(isMet(expression, names)).toBe(expected)
  })

  it.each([
    [{ Condition: 'Maybe' }, 'there is no condition Maybe'],
    [{ 'Fn::Contains': [['a'], 'a'] }, 'the condition function Fn::Contains is not supported locally'],
    [{ 'Fn::Equals': [{ Ref: 'Stage' }, 'a'] }, 'Ref Stage refers to nothing that is known locally'],
    ['Yes', 'a condition is one function'],
    [{ ...here, Condition: 'Yes' }, 'a condition is one function'],
  ])('is refused by name: %j', (expression, message) => {
    expect(() => isMet(expression, names)).toThrow(message)
  })
})
