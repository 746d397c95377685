import { expect, test } from 'vitest'
import { ElementSet } from '../../../../local/momento/items/element-set.ts'

function setOf(names: readonly string[]): ElementSet {
  const set = new ElementSet()
  for (const name of names) set.add(Buffer.from(name))
  return set
}

test('each element is drawn as often as another: every number drawn is another order of them', () => {
  const drawn = new Set<string>()
  for (const first of [0, 0.34, 0.67]) {
    for (const second of [0, 0.5]) {
      const numbers = [first, second, 0]
      drawn.add(
        setOf(['a', 'b', 'c'])
          .sample(3, () => numbers.shift() ?? 0)
          .join(''),
      )
    }
  }
  expect([...drawn].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba'])
})

test('what was drawn last is found, counted and removed as before', () => {
  const set = setOf(['a', 'b', 'c', 'd'])
  set.sample(3, () => 0.99)
  expect(set.bytes).toBe(4)
  set.delete(Buffer.from('d'))
  expect(set.has(Buffer.from('d'))).toBe(false)
  expect([...set.elements()].toSorted()).toEqual(['a', 'b', 'c'])
  expect(set.pop(9, () => 0.5).toSorted()).toEqual(['a', 'b', 'c'])
  expect([set.size, set.bytes]).toEqual([0, 0])
})
