import * as fc from 'fast-check'
import { hashOfValue } from '../../../../local/momento/value-hash.ts'
import { Refused } from './model-items.ts'
import type { ModelItems } from './model-items.ts'
import { bytes, checkedTtl, keyOf, keys, step, text, ttlMs, value } from './step.ts'
import type { Storage, Step } from './step.ts'

const key = keyOf('scalar')
const anyKey = fc.constantFrom(...keys)

type Condition = ReturnType<Storage['presentAndEqual']>
/** What each condition says of what is there and what it is compared with. */
const conditions = {
  absent: [({ absent }) => absent, (current) => current === undefined],
  present: [({ present }) => present, (current) => current !== undefined],
  presentAndEqual: [
    ({ presentAndEqual, sameAs }, against) => presentAndEqual(sameAs(against)),
    (current, against) => current === against,
  ],
  presentAndNotEqual: [
    ({ presentAndNotEqual, sameAs }, against) => presentAndNotEqual(sameAs(against)),
    (current, against) => current !== undefined && current !== against,
  ],
  absentOrEqual: [
    ({ absentOrEqual, sameAs }, against) => absentOrEqual(sameAs(against)),
    (current, against) => current === undefined || current === against,
  ],
  absentOrNotEqual: [
    ({ absentOrNotEqual, sameAs }, against) => absentOrNotEqual(sameAs(against)),
    (current, against) => current !== against,
  ],
  presentAndHashEqual: [
    ({ presentAndEqual, withHash }, against) => presentAndEqual(withHash(hashOfValue(against))),
    (current, against) => current === against,
  ],
} satisfies Record<
  string,
  [
    real: (storage: Storage, against: Uint8Array) => Condition,
    model: (current: string | undefined, against: string) => boolean,
  ]
>

const scalarOf = (items: ModelItems, name: string): string | undefined => items.ofKind(name, 'scalar')?.value

export const scalarSteps: fc.Arbitrary<Step>[] = [
  step<{ key: string }>(
    'read',
    { key },
    (items, args) => text(items.read(bytes(args.key))),
    (items, args) => scalarOf(items, args.key),
  ),
  step<{ key: string }>(
    'hash',
    { key },
    (items, args, { storedHash }) => {
      const stored = items.readStored(bytes(args.key))
      return stored && text(storedHash(stored))
    },
    (items, args) => {
      const current = scalarOf(items, args.key)
      return current === undefined ? undefined : text(hashOfValue(bytes(current)))
    },
  ),
  step<{ key: string; value: string; ttlMs: number }>(
    'write',
    { key, value, ttlMs },
    (items, args) => void items.write(bytes(args.key), bytes(args.value), args.ttlMs),
    (items, args) => items.store(args.key, { kind: 'scalar', value: args.value }, checkedTtl(args.ttlMs)),
  ),
  step<{ key: string; value: string; ttlMs: number; condition: keyof typeof conditions; against: string }>(
    'writeIf',
    {
      key,
      value,
      ttlMs,
      condition: fc.constantFrom(...(Object.keys(conditions) as (keyof typeof conditions)[])),
      against: value,
    },
    (items, args, storage) => {
      const condition = conditions[args.condition][0](storage, bytes(args.against))
      return items.writeIf(bytes(args.key), bytes(args.value), args.ttlMs, condition) !== undefined
    },
    (items, args) => {
      if (!conditions[args.condition][1](scalarOf(items, args.key), args.against)) return false
      items.store(args.key, { kind: 'scalar', value: args.value }, checkedTtl(args.ttlMs))
      return true
    },
  ),
  step<{ key: string; amount: number; ttlMs: number }>(
    'increment',
    { key, amount: fc.constantFrom(1, -4, 0), ttlMs },
    (items, args) => items.increment(bytes(args.key), args.amount, args.ttlMs),
    (items, args) => {
      const sum = sumOf(scalarOf(items, args.key), args.amount)
      items.store(args.key, { kind: 'scalar', value: `${sum}` }, checkedTtl(args.ttlMs))
      return sum
    },
  ),
  step<{ key: string }>(
    'delete',
    { key: anyKey },
    (items, args) => items.delete(bytes(args.key)),
    (items, args) => items.delete(args.key),
  ),
  step<{ key: string; ttlMs: number; update: 'overwrite' | 'increase' | 'decrease' }>(
    'updateTtl',
    { key: anyKey, ttlMs, update: fc.constantFrom('overwrite', 'increase', 'decrease') },
    (items, args) => items.updateTtl(bytes(args.key), args.ttlMs, args.update),
    (items, args) => {
      const newTtlMs = checkedTtl(args.ttlMs)
      const content = items.content(args.key)
      const remainingTtlMs = items.remainingTtlMs(args.key)
      if (content === undefined || remainingTtlMs === undefined) return 'missing'
      const isMoved = {
        overwrite: true,
        increase: newTtlMs > remainingTtlMs,
        decrease: newTtlMs < remainingTtlMs,
      }
      if (!isMoved[args.update]) return 'notSet'
      items.store(args.key, content, newTtlMs)
      return 'set'
    },
  ),
]

/** The sum of a stored text and an amount, which the model refuses where it is no 64-bit integer. */
export function sumOf(stored: string | undefined, amount: number): bigint {
  if (!/^-?[0-9]+$/.test(stored ?? '0')) throw new Refused()
  const sum = BigInt(stored ?? '0') + BigInt(amount)
  if (BigInt.asIntN(64, sum) !== sum) throw new Refused()
  return sum
}
