import { describe, expect, test } from 'vitest'
import { type Cell, emptyCell } from '../../../consumers/engine/cell.ts'
import { IdSet } from '../../../consumers/engine/id-set.ts'
import { type WarmCell, WarmCells } from '../../../consumers/engine/warm-cells.ts'
import { departures } from './departures.ts'

const life = new Uint8Array(12).fill(1)
const nextLife = new Uint8Array(12).fill(2)

function cellAt(address: string, version = 1, incarnation = life): Cell {
  return { ...emptyCell(departures, address, incarnation, false), version }
}

function copyOf(address: string, bytes = 10, version = 1, incarnation = life): WarmCell {
  return {
    cell: cellAt(address, version, incarnation),
    bytes: new Uint8Array(bytes),
    hash: new Uint8Array(1),
  }
}

/** What a copy of 10 bytes is taken to need of memory: the least bound under which it is kept. */
const headBytes = Array.from({ length: 1_000 }, (_, bytes) => bytes).findIndex((bytes) => {
  const warm = new WarmCells(bytes)
  warm.keep(copyOf('a'))
  return warm.take('a') !== undefined
})

test('a copy of a head needs its bytes and several times more for what was decoded from them', () => {
  expect(headBytes).toBeGreaterThanOrEqual(4 * 10)
})

function someIds(): IdSet {
  const ids = new IdSet(100)
  for (let word = 0; word < 100; word++) ids.add([word, 0, word])
  return ids
}

describe('copies', () => {
  test('a copy is handed out once, so that nobody else holds it', () => {
    const warm = new WarmCells()
    const copy = copyOf('a')
    warm.keep(copy)
    expect(warm.take('b')).toBeUndefined()
    expect(warm.take('a')).toBe(copy)
    expect(warm.take('a')).toBeUndefined()
  })

  test('the latest kept copy of a cell takes the place of the one before', () => {
    const warm = new WarmCells()
    const later = copyOf('a', 10, 2)
    warm.keep(copyOf('a', 10, 1))
    warm.keep(later)
    expect(warm.take('a')).toBe(later)
    expect(warm.take('a')).toBeUndefined()
  })

  test('past the bound the copies kept longest ago go first, and only as many as must', () => {
    const warm = new WarmCells(3 * headBytes)
    for (const address of ['a', 'b', 'c']) warm.keep(copyOf(address))
    warm.keep(copyOf('a'))
    warm.keep(copyOf('d', 5))
    expect(['a', 'b', 'c', 'd'].filter((address) => warm.take(address) !== undefined)).toEqual([
      'a',
      'c',
      'd',
    ])
  })

  test('bytes that were taken out or replaced make room again', () => {
    const warm = new WarmCells(2 * headBytes)
    warm.keep(copyOf('a'))
    warm.keep(copyOf('b'))
    warm.take('a')
    warm.keep(copyOf('b'))
    warm.keep(copyOf('c'))
    expect(['b', 'c'].filter((address) => warm.take(address) !== undefined)).toEqual(['b', 'c'])
  })

  test('a copy that is used is among the last to go', () => {
    const warm = new WarmCells(2 * headBytes)
    warm.keep(copyOf('a'))
    warm.keep(copyOf('b'))
    const copy = warm.take('a')
    if (copy !== undefined) warm.keep(copy)
    warm.keep(copyOf('c'))
    expect(['a', 'b', 'c'].filter((address) => warm.take(address) !== undefined)).toEqual(['a', 'c'])
  })

  test('a copy larger than the bound is not kept, but remembered', () => {
    const warm = new WarmCells(2 * headBytes)
    warm.keep(copyOf('a', 21, 7))
    expect(warm.take('a')).toBeUndefined()
    expect(warm.memory('a')).toEqual({ incarnation: life, version: 7, nonce: life })
  })
})

describe('segments', () => {
  test('a copy is handed out to everyone, until a minute after it was proved', () => {
    const warm = new WarmCells()
    const ids = someIds()
    warm.keepSegment('a', ids, 1_000)
    expect(warm.segment('a', 1_000)).toBe(ids)
    expect(warm.segment('a', 60_999)).toBe(ids)
    expect(warm.segment('b', 60_999)).toBeUndefined()
    expect(warm.segment('a', 61_000)).toBeUndefined()
    expect(warm.segment('a', 60_999)).toBeUndefined()
    warm.keepSegment('a', ids, 61_000)
    expect(warm.segment('a', 61_000)).toBe(ids)
  })

  test('a copy is not trusted by a clock that was set back', () => {
    const warm = new WarmCells()
    warm.keepSegment('a', someIds(), 1_000)
    expect(warm.segment('a', 999)).toBeUndefined()
    warm.keepSegment('a', someIds(), 1_000)
    expect(warm.segment('a', 1_000)).toBeDefined()
  })

  test('using a copy does not prove it again', () => {
    const warm = new WarmCells()
    warm.keepSegment('a', someIds(), 0)
    expect(warm.segment('a', 59_999)).toBeDefined()
    expect(warm.segment('a', 60_000)).toBeUndefined()
  })

  test('they and heads share one bound, by the memory they take; the least recently used goes first', () => {
    const { memoryBytes } = someIds()
    const warm = new WarmCells(2 * memoryBytes + headBytes)
    warm.keepSegment('a', someIds(), 0)
    warm.keepSegment('b', someIds(), 0)
    warm.keep(copyOf('head'))
    expect(warm.segment('a', 0)).toBeDefined()
    warm.keepSegment('c', someIds(), 0)
    expect(['a', 'b', 'c'].filter((address) => warm.segment(address, 0) !== undefined)).toEqual(['a', 'c'])
    expect(warm.take('head')).toBeDefined()
  })

  test('a segment is never taken for a head', () => {
    const warm = new WarmCells()
    warm.keepSegment('a', someIds(), 0)
    expect(warm.take('a')).toBeUndefined()
    warm.keep(copyOf('b'))
    expect(warm.segment('b', 0)).toBeUndefined()
  })
})

describe('memory', () => {
  test('it outlives the copy', () => {
    const warm = new WarmCells()
    warm.keep(copyOf('a', 10, 3))
    warm.take('a')
    expect(warm.memory('a')).toEqual({ incarnation: life, version: 3, nonce: life })
    expect(warm.memory('b')).toBeUndefined()
  })

  test('an older version never takes the place of a newer one, a newer one does', () => {
    const warm = new WarmCells()
    warm.remember(cellAt('a', 5))
    warm.remember(cellAt('a', 4))
    expect(warm.memory('a')?.version).toBe(5)
    warm.remember(cellAt('a', 6))
    expect(warm.memory('a')?.version).toBe(6)
  })

  test('another incarnation takes the place of any version', () => {
    const warm = new WarmCells()
    warm.remember(cellAt('a', 5))
    warm.remember(cellAt('a', 1, nextLife))
    expect(warm.memory('a')).toEqual({ incarnation: nextLife, version: 1, nonce: nextLife })
  })

  test('it does not change with the cell', () => {
    const warm = new WarmCells()
    const cell = cellAt('a', 5)
    warm.remember(cell)
    cell.version = 6
    expect(warm.memory('a')?.version).toBe(5)
  })

  test('it is bounded: of more cells than it holds, the ones noted longest ago are forgotten', () => {
    const warm = new WarmCells()
    for (let cell = 0; cell <= 20_000; cell++) warm.remember(cellAt(`cell ${cell}`))
    expect(warm.memory('cell 0')).toBeUndefined()
    expect(warm.memory('cell 1')).toBeDefined()
    expect(warm.memory('cell 20000')).toBeDefined()
  })
})

test('a cell is contested until a copy of it is kept', () => {
  const warm = new WarmCells()
  expect(warm.isContested('a')).toBe(false)
  warm.contest('a')
  expect(warm.isContested('a')).toBe(true)
  expect(warm.isContested('b')).toBe(false)
  warm.keep(copyOf('a'))
  expect(warm.isContested('a')).toBe(false)
})
