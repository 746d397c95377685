import { describe, expect, it } from 'vitest'
import { matchesAny, parseFilterPattern } from '../../../local/event-source-mapping/filter-pattern.ts'

const kinesisView = {
  kinesisSchemaVersion: '1.0',
  partitionKey: 'JFK',
  approximateArrivalTimestamp: 1_789_809_074.716,
  data: {
    origin: 'JFK',
    delay: 15,
    distance: 2_475.5,
    cancelled: false,
    diverted: null,
    remark: '',
    codes: ['A1', 'B2'],
    none: [],
    grid: [[1], [2, [3]]],
    legs: [
      { from: 'JFK', to: 'LAX' },
      { from: 'LAX', to: 'HNL' },
    ],
    path: 'a/b*c\\d',
    aircraft: { tail: 'N123' },
  },
}

const tableView = {
  eventName: 'INSERT',
  dynamodb: {
    ApproximateCreationDateTime: 1_789_651_658,
    NewImage: { name: { S: 'Ada' }, age: { N: '101' }, presentKey: { S: 'there' }, tags: { SS: ['x', 'y'] } },
  },
}

function matches(pattern: unknown, view: unknown): boolean {
  return matchesAny([parseFilterPattern(JSON.stringify(pattern))], view)
}

describe('the data of a Kinesis record', () => {
  it.each([
    // Exact values.
    [{ origin: ['JFK'] }, true],
    [{ origin: ['jfk'] }, false],
    [{ origin: ['LAX', 'JFK'] }, true],
    [{ delay: [15] }, true],
    [{ delay: ['15'] }, false],
    [{ origin: [15, null, true] }, false],
    [{ cancelled: [false] }, true],
    [{ cancelled: [true] }, false],
    [{ diverted: [null] }, true],
    [{ remark: [''] }, true],
    [{ remark: [null] }, false],
    [{ missing: [null] }, false],
    [{ aircraft: { tail: ['N123'] } }, true],
    [{ aircraft: ['N123'] }, false],
    [{ Aircraft: { tail: ['N123'] } }, false],
    [{ origin: { tail: ['N123'] } }, false],
    // Several keys.
    [{ origin: ['JFK'], delay: [15] }, true],
    [{ origin: ['JFK'], delay: [16] }, false],
    // Lists.
    [{ codes: ['B2'] }, true],
    [{ codes: ['C3'] }, false],
    [{ codes: [{ 'anything-but': 'A1' }] }, true],
    [{ grid: [3] }, true],
    [{ none: [null] }, false],
    [{ none: [{ exists: true }] }, false],
    [{ none: [{ exists: false }] }, true],
    [{ legs: { from: ['LAX'] } }, true],
    [{ legs: { from: ['JFK'], to: ['LAX'] } }, true],
    [{ legs: { from: ['JFK'], to: ['HNL'] } }, false],
    [{ none: { from: [{ exists: false }] } }, true],
    // Texts.
    [{ origin: [{ prefix: 'JF' }] }, true],
    [{ origin: [{ prefix: 'jf' }] }, false],
    [{ origin: [{ prefix: '' }] }, true],
    [{ delay: [{ prefix: '1' }] }, false],
    [{ origin: [{ prefix: { 'equals-ignore-case': 'jf' } }] }, true],
    [{ origin: [{ suffix: 'FK' }] }, true],
    [{ origin: [{ suffix: 'JF' }] }, false],
    [{ origin: [{ suffix: { 'equals-ignore-case': 'fk' } }] }, true],
    [{ origin: [{ 'equals-ignore-case': 'jfk' }] }, true],
    [{ origin: [{ 'equals-ignore-case': 'jf' }] }, false],
    [{ origin: [{ wildcard: 'J*K' }] }, true],
    [{ origin: [{ wildcard: '*' }] }, true],
    [{ origin: [{ wildcard: 'JFK*' }] }, true],
    [{ origin: [{ wildcard: 'J*FK*JFK' }] }, false],
    [{ origin: [{ wildcard: 'JF*FK' }] }, false],
    [{ origin: [{ wildcard: 'J.K' }] }, false],
    [{ origin: [{ wildcard: '' }] }, false],
    [{ path: [{ wildcard: String.raw`*\*c\\d` }] }, true],
    [{ path: [{ wildcard: String.raw`a/b\*` }] }, false],
    // Anything but.
    [{ origin: [{ 'anything-but': 'LAX' }] }, true],
    [{ origin: [{ 'anything-but': ['LAX', 'JFK'] }] }, false],
    [{ delay: [{ 'anything-but': [15, 16] }] }, false],
    [{ delay: [{ 'anything-but': '15' }] }, true],
    [{ diverted: [{ 'anything-but': 'LAX' }] }, true],
    [{ missing: [{ 'anything-but': 'LAX' }] }, false],
    [{ aircraft: [{ 'anything-but': 'LAX' }] }, false],
    [{ origin: [{ 'anything-but': { prefix: 'JF' } }] }, false],
    [{ origin: [{ 'anything-but': { prefix: ['LA', 'SF'] } }] }, true],
    [{ delay: [{ 'anything-but': { prefix: '1' } }] }, true],
    [{ origin: [{ 'anything-but': { suffix: 'FK' } }] }, false],
    [{ origin: [{ 'anything-but': { 'equals-ignore-case': ['jfk', 'lax'] } }] }, false],
    [{ origin: [{ 'anything-but': { wildcard: '*X' } }] }, true],
    [{ missing: [{ 'anything-but': { prefix: 'X' } }] }, false],
    // Numbers.
    [{ delay: [{ numeric: ['=', 15] }] }, true],
    [{ delay: [{ numeric: ['=', 15.1] }] }, false],
    [{ delay: [{ numeric: ['>', 15] }] }, false],
    [{ delay: [{ numeric: ['>=', 15] }] }, true],
    [{ delay: [{ numeric: ['<', 15] }] }, false],
    [{ delay: [{ numeric: ['<=', 15] }] }, true],
    [{ delay: [{ numeric: ['>', 10, '<=', 15] }] }, true],
    [{ delay: [{ numeric: ['>=', 10, '<', 15] }] }, false],
    [{ distance: [{ numeric: ['>', 2475, '<', 2476] }] }, true],
    [{ origin: [{ numeric: ['>', 0] }] }, false],
    [{ diverted: [{ numeric: ['=', 0] }] }, false],
    // Presence.
    [{ origin: [{ exists: true }] }, true],
    [{ origin: [{ exists: false }] }, false],
    [{ diverted: [{ exists: true }] }, true],
    [{ missing: [{ exists: false }] }, true],
    [{ missing: { deeper: [{ exists: false }] } }, true],
    [{ aircraft: [{ exists: true }] }, false],
    [{ aircraft: [{ exists: false }] }, true],
    [{ missing: [{ 'anything-but': 'x' }, { exists: false }] }, true],
    // Alternatives.
    [{ $or: [{ origin: ['LAX'] }, { delay: [15] }] }, true],
    [{ $or: [{ origin: ['LAX'] }, { delay: [16] }] }, false],
    [{ origin: ['LAX'], $or: [{ delay: [15] }, { delay: [16] }] }, false],
    [{ $or: [{ origin: ['LAX'] }, { aircraft: { $or: [{ tail: ['X'] }, { tail: ['N123'] }] } }] }, true],
    // What objects inherit is no field.
    [{ constructor: [{ exists: true }] }, false],
    [{ toString: { name: [{ exists: true }] } }, false],
  ])('%j: %s', (data, expected) => {
    expect(matches({ data }, kinesisView)).toBe(expected)
  })

  it.each([
    [{ data: { origin: ['JFK'] } }, false],
    [{ data: { origin: [{ exists: false }] } }, false],
    [{ data: [{ exists: false }] }, false],
    [{ $or: [{ data: { origin: [{ exists: false }] } }, { partitionKey: ['LAX'] }] }, false],
    [{ $or: [{ data: { origin: [{ exists: false }] } }, { partitionKey: ['JFK'] }] }, true],
    [{ partitionKey: ['JFK'] }, true],
    [{ partitionKey: ['LAX'] }, false],
  ])('that is not JSON, judged by %j: %s', (pattern, expected) => {
    const { data: _data, ...metadata } = kinesisView
    expect(matches(pattern, metadata)).toBe(expected)
  })

  it('may be any value of JSON', () => {
    expect(matches({ data: [{ exists: true }] }, { data: null })).toBe(true)
    expect(matches({ data: { origin: [{ exists: false }] } }, { data: 5 })).toBe(true)
    expect(matches({ data: { origin: ['JFK'] } }, { data: [{ origin: 'LAX' }, { origin: 'JFK' }] })).toBe(
      true,
    )
  })
})

describe('the metadata of a Kinesis record', () => {
  it.each([
    [{ partitionKey: ['JFK'], data: { delay: [15] } }, true],
    [{ partitionKey: ['LAX'], data: { delay: [15] } }, false],
    [{ approximateArrivalTimestamp: [{ numeric: ['>', 1_789_809_074] }] }, true],
  ])('judged by %j: %s', (pattern, expected) => {
    expect(matches(pattern, kinesisView)).toBe(expected)
  })
})

describe('a record of a table', () => {
  it.each([
    [{ eventName: ['INSERT'] }, true],
    [{ eventName: ['MODIFY', 'REMOVE'] }, false],
    [{ dynamodb: { NewImage: { name: { S: ['Ada'] } } } }, true],
    // Without its type an attribute is an object, which no operator looks at.
    [{ dynamodb: { NewImage: { name: ['Ada'] } } }, false],
    // Numbers of DynamoDB are texts.
    [{ dynamodb: { NewImage: { age: { N: ['101'] } } } }, true],
    [{ dynamodb: { NewImage: { age: { N: [101] } } } }, false],
    [{ dynamodb: { NewImage: { age: { N: [{ numeric: ['>', 100] }] } } } }, false],
    [{ dynamodb: { ApproximateCreationDateTime: [{ numeric: ['>', 1_789_651_657] }] } }, true],
    [{ dynamodb: { NewImage: { presentKey: { S: [{ exists: true }] } } } }, true],
    [{ dynamodb: { NewImage: { presentKey: { S: [{ exists: false }] } } } }, false],
    [{ dynamodb: { NewImage: { presentKey: [{ exists: false }] } } }, true],
    [{ dynamodb: { NewImage: { presentKey: [{ exists: true }] } } }, false],
    [{ dynamodb: { NewImage: { tags: { SS: ['y'] } } } }, true],
    [{ dynamodb: { OldImage: { name: { S: [{ exists: false }] } } } }, true],
  ])('judged by %j: %s', (pattern, expected) => {
    expect(matches(pattern, tableView)).toBe(expected)
  })
})

describe('several patterns', () => {
  const [insert, remove] = ['INSERT', 'REMOVE'].map((name) =>
    parseFilterPattern(JSON.stringify({ eventName: [name] })),
  )

  it('let through what any of them matches', () => {
    expect(insert && remove && matchesAny([remove, insert], tableView)).toBe(true)
    expect(remove && matchesAny([remove], tableView)).toBe(false)
  })

  it('let everything through where there are none', () => {
    expect(matchesAny([], tableView)).toBe(true)
  })
})

describe('keys that objects have of their own accord', () => {
  it('are ordinary ones in patterns and views', () => {
    const pattern = parseFilterPattern('{"__proto__":{"admin":[true]}}')
    expect(matchesAny([pattern], JSON.parse('{"__proto__":{"admin":true}}'))).toBe(true)
    expect(matchesAny([pattern], Object.create({ admin: true }))).toBe(false)
    expect(matchesAny([pattern], {})).toBe(false)
  })
})

describe('a text that is no pattern is refused with its reason', () => {
  it.each([
    ['single-string', /JSON/],
    ['{"eventName": ["INSERT"=123}', /JSON/],
    ['"INSERT"', /^the pattern: neither an object/],
    ['[{"eventName":["INSERT"]}]', /^the pattern: neither an object/],
    ['null', /^the pattern: neither an object/],
    ['{}', /^the pattern: an empty object/],
    ['{"data":{}}', /^data: an empty object/],
    ['{"eventName":"INSERT"}', /^eventName: neither an object nor a list/],
    ['{"a":{"b":5}}', /^a\.b: neither an object nor a list/],
    ['{"a":[]}', /^a: an empty list/],
    ['{"a":[["x"]]}', /^a: not a value and not one operator/],
    ['{"a":[{}]}', /^a: not a value and not one operator/],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', /^a: not a value and not one operator/],
    ['{"a":[{"Prefix":"x"}]}', /^a: Prefix is no operator/],
    ['{"a":[{"toString":"x"}]}', /^a: toString is no operator/],
    ['{"a":[{"cidr":"10.0.0.0/24"}]}', /^a: cidr is no operator/],
    ['{"a":[{"prefix":5}]}', /^a: prefix takes a text/],
    ['{"a":[{"prefix":["x"]}]}', /^a: not a value and not one operator/],
    ['{"a":[{"prefix":{"wildcard":"x"}}]}', /^a: prefix has no option wildcard/],
    ['{"a":[{"suffix":{"equals-ignore-case":5}}]}', /^a: suffix takes a text/],
    ['{"a":[{"suffix":null}]}', /^a: not a value and not one operator/],
    ['{"a":[{"equals-ignore-case":["x"]}]}', /^a: equals-ignore-case takes a text/],
    ['{"a":[{"wildcard":"a**b"}]}', /^a: wildcard has two \*/],
    [String.raw`{"a":[{"wildcard":"a\\b"}]}`, /^a: wildcard escapes/],
    [String.raw`{"a":[{"wildcard":"a\\"}]}`, /^a: wildcard escapes/],
    ['{"a":[{"exists":"true"}]}', /^a: exists takes true or false/],
    ['{"a":[{"anything-but":null}]}', /^a: anything-but takes texts, or numbers/],
    ['{"a":[{"anything-but":["x",5]}]}', /^a: anything-but takes texts, or numbers/],
    ['{"a":[{"anything-but":[]}]}', /^a: a list is empty/],
    ['{"a":[{"anything-but":{"prefix":""}}]}', /^a: prefix is empty/],
    ['{"a":[{"anything-but":{"prefix":["x",5]}}]}', /^a: prefix takes a text/],
    ['{"a":[{"anything-but":{"numeric":["=",5]}}]}', /^a: numeric takes a text/],
    ['{"a":[{"numeric":5}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":[]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":["!=",5]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":[">","5"]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":[">",0,">",0]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":["<",5,">",0]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":[">",5,"<",0]}]}', /^a: numeric takes/],
    ['{"a":[{"numeric":[">",0,"<",5,"<",6]}]}', /^a: numeric takes/],
    ['{"$or":{"a":["x"]}}', /^\$or: not a list of two/],
    ['{"$or":[{"a":["x"]}]}', /^\$or: not a list of two/],
    ['{"$or":[{"a":["x"]},"y"]}', /neither an object/],
    ['{"$or":[{"prefix":"x"},{"a":["x"]}]}', /the operator prefix is no field/],
  ])('%s', (text, why) => {
    const refusal = expect.objectContaining({
      message: 'Invalid filter pattern definition.',
      cause: expect.objectContaining({ message: expect.stringMatching(why) as string }) as Error,
    }) as Error
    expect(() => parseFilterPattern(text)).toThrow(refusal)
  })

  it('but an operator may be the name of a field', () => {
    expect(matches({ prefix: ['x'] }, { prefix: 'x' })).toBe(true)
  })
})
