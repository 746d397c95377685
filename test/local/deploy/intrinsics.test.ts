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
  condition: (name) => ({ Yes: true, No: false })[name],
  exported: (name) => (name === 'flights:Arn' ? 'arn:exported' : undefined),
  stackOutput: (stackName, outputName) =>
    `${stackName}.${outputName}` === 'flights.Arn' ? 'arn:output' : undefined,
  mapped: (...keys) => (keys.join('.') === 'Map.us-east-1.size' ? 'large' : undefined),
}
const resolve = (value: unknown): unknown => resolveIntrinsics(value, names)

describe('what each intrinsic stands for', () => {
  it.each([
    ['a reference', { Ref: 'Stream' }, 'flights'],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['an attribute', { 'Fn::GetAtt': ['Stream', 'Arn'] }, 'arn:aws:kinesis:::stream/flights'],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Stream.Arn' }, 'arn:aws:kinesis:::stream/flights'],
    ['joined texts', { 'Fn::Join': ['-', ['a', 'b', '']] }, 'a-b-'],
    ['a selected text', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    ['a part of a text', { 'Fn::Select': [2, { 'Fn::Split': ['-', 'a-b-c'] }] }, 'c'],
    [
      'what holds if a condition is met',
      { 'Fn::If': ['Yes', { Ref: 'Stream' }, { Ref: 'Table' }] },
      'flights',
    ],
    ['what holds if it is not', { 'Fn::If': ['No', { Ref: 'Table' }, 'other'] }, 'other'],
    ['an export', { 'Fn::ImportValue': { 'Fn::Sub': '${Stream}:Arn' } }, 'arn:exported'],
    [
      'an output of another stack',
      {
        'Fn::GetStackOutput': {
          StackName: { Ref: 'Stream' },
          Region: { Ref: 'AWS::Region' },
          OutputName: 'Arn',
        },
      },
      'arn:output',
    ],
    ['an entry of a mapping', { 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'size'] }, 'large'],
    ['no texts joined', { 'Fn::Join': ['-', []] }, ''],
    [
      'a substitution',
      { 'Fn::Sub': '${AWS::Region}/${Stream}/${Stream.Arn}' },
      'us-east-1/flights/arn:aws:kinesis:::stream/flights',
    ],
    ['a substituted number', { 'Fn::Sub': ['shard-${n}', { n: 5 }] }, 'shard-5'],
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

it('leaves out what is to have no value', () => {
  const none = { Ref: 'AWS::NoValue' }
  const value = { kept: 1, gone: none, list: ['a', none], maybe: { 'Fn::If': ['No', 1, none] } }
  expect(resolve(value)).toEqual({ kept: 1, list: ['a'] })
  expect(Object.keys(resolve(value) as object)).toEqual(['kept', 'list'])
  expect(resolve(none)).toBeUndefined()
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
    [{ 'Fn::Base64': 'text' }, 'the intrinsic function Fn::Base64 is not supported locally'],
    [{ 'Fn::ImportValue': 'other' }, 'Fn::ImportValue other refers to nothing that is known locally'],
    [{ 'Fn::If': ['Maybe', 1, 2] }, 'Fn::If Maybe refers to nothing that is known locally'],
    [{ 'Fn::Select': [2, ['a', 'b']] }, 'Fn::Select 2 refers to nothing that is known locally'],
    [{ 'Fn::FindInMap': ['Map', 'a', 'b'] }, 'Fn::FindInMap Map.a.b refers to nothing that is known locally'],
    [
      { 'Fn::GetStackOutput': { StackName: 'flights', OutputName: 'Name' } },
      'Fn::GetStackOutput flights.Name refers to nothing that is known locally',
    ],
    [{ Ref: 'Table' }, 'Ref Table refers to nothing that is known locally'],
    [{ 'Fn::GetAtt': ['Stream', 'Name'] }, 'Fn::GetAtt Stream.Name refers to nothing that is known locally'],
    [{ 'Fn::GetAtt': [{ Ref: 'Stream' }, 'Arn'] }, 'Fn::GetAtt is not given a list of texts'],
    [{ 'Fn::Sub': 'a ${Table} b' }, 'Fn::Sub ${Table} refers to nothing that is known locally'],
    [{ 'Fn::Sub': '${Stream.Name}' }, 'Fn::Sub ${Stream.Name} refers to nothing that is known locally'],
    [{ 'Fn::Join': ['-', 'text'] }, 'Fn::Join is not given a list of texts'],
    [{ 'Fn::Join': ['-', ['text', 1]] }, 'Fn::Join is not given a list of texts'],
    [{ deep: [{ 'Fn::Cidr': ['a', 1] }] }, 'the intrinsic function Fn::Cidr is not supported locally'],
  ])('%j', (value, message) => {
    expect(() => resolve(value)).toThrow(message)
  })
})
