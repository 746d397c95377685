import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveIntrinsics, type TemplateNames } from '../../../local/deploy/intrinsics.ts'

const names: TemplateNames = {
  ref: (name) =>
    new Map([
      ['Stream', 'flights'],
      ['AWS::Region', 'us-east-1'],
    ]).get(name),
  attribute: (logicalId, attribute) =>
    logicalId === 'Stream' && attribute === 'Arn' ? 'arn:aws:kinesis:::stream/flights' : undefined,
}
const resolve = (value: unknown): unknown => resolveIntrinsics(value, names)

describe('what each intrinsic stands for', () => {
  it.each([
    ['a reference', { Ref: 'Stream' }, 'flights'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['an attribute', { 'Fn::GetAtt': ['Stream', 'Arn'] }, 'arn:aws:kinesis:::stream/flights'],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Stream.Arn' }, 'arn:aws:kinesis:::stream/flights'],
    ['joined texts', { 'Fn::Join': ['-', ['a', 'b', '']] }, 'a-b-'],
    ['no texts joined', { 'Fn::Join': ['-', []] }, ''],
    [
      'a substitution',
      { 'Fn::Sub': '${AWS::Region}/${Stream}/${Stream.Arn}' },
      'us-east-1/flights/arn:aws:kinesis:::stream/flights',
    ],
    ['a substitution of its own', { 'Fn::Sub': ['${a}-${Stream}', { a: 'own' }] }, 'own-flights'],
    [
      'a literal in a substitution',
      { 'Fn::Sub': '${!Stream} ${Stream} $Stream {Stream}' },
      '${Stream} flights $Stream {Stream}',
    ],
  ])('%s', (_what, value, expected) => {
    expect(resolve(value)).toBe(expected)
  })

  it('holds inside each other', () => {
    const own = { arn: { 'Fn::GetAtt': ['Stream', 'Arn'] } }
    expect(resolve({ 'Fn::Join': ['|', [{ Ref: 'Stream' }, { 'Fn::Sub': ['<${arn}>', own] }, 'end']] })).toBe(
      'flights|<arn:aws:kinesis:::stream/flights>|end',
    )
  })

  it('holds anywhere in a template', () => {
    expect(resolve({ list: [1, { deep: { Ref: 'Stream' } }], none: null, yes: true })).toEqual({
      list: [1, { deep: 'flights' }],
      none: null,
      yes: true,
    })
  })
})

it('leaves a property alone that only looks like an intrinsic', () => {
  const value = { Ref: 'Nothing', other: 1 }
  expect(resolve(value)).toEqual(value)
})

it('changes nothing in a value without intrinsics', () => {
  const plainKey = fc
    .string()
    .filter((key) => key !== 'Ref' && !key.startsWith('Fn::') && key !== '__proto__')
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(plainKey, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(tree, (value) => {
      expect(resolve(value)).toEqual(value)
    }),
  )
})

describe('what is refused, by name', () => {
  it.each([
    [{ 'Fn::ImportValue': 'other-stack' }, 'the intrinsic function Fn::ImportValue is not supported locally'],
    [{ 'Fn::If': ['Condition', 1, 2] }, 'the intrinsic function Fn::If is not supported locally'],
    [{ Ref: 'Table' }, 'Ref Table refers to nothing that is known locally'],
    [{ 'Fn::GetAtt': ['Stream', 'Name'] }, 'Fn::GetAtt Stream.Name refers to nothing that is known locally'],
    [{ 'Fn::GetAtt': [{ Ref: 'Stream' }, 'Arn'] }, 'Fn::GetAtt is not given a list of texts'],
    [{ 'Fn::Sub': 'a ${Table} b' }, 'Fn::Sub ${Table} refers to nothing that is known locally'],
    [{ 'Fn::Sub': '${Stream.Name}' }, 'Fn::Sub ${Stream.Name} refers to nothing that is known locally'],
    [{ 'Fn::Join': ['-', 'text'] }, 'Fn::Join is not given a list of texts'],
    [{ 'Fn::Join': ['-', ['text', 1]] }, 'Fn::Join is not given a list of texts'],
    [{ deep: [{ 'Fn::Split': [',', 'a,b'] }] }, 'the intrinsic function Fn::Split is not supported locally'],
  ])('%j', (value, message) => {
    expect(() => resolve(value)).toThrow(message)
  })
})
