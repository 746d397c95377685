import type { Mutant } from '../mutants/mutant.ts'

/** What the world of changes has to notice; the world of events notices none of them. `diesAt` is a seed of changes. */
export const changeMutants: readonly Mutant[] = [
  {
    name: 'adds only: the old image is not taken back',
    file: 'evaluate.ts',
    find: 'return isRetraction ? measure.negate(state) : state',
    replace: 'return isRetraction ? measure.empty : state',
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 0,
  },
  {
    name: 'takes back in another cell: changes are routed by their group',
    file: 'evaluate.ts',
    find: 'routingKey: arrival.partitionKey,',
    replace: 'routingKey: [...(shares[0]?.keys() ?? [])].at(-1) ?? arrival.partitionKey,',
    breaks: 'every event is in its own cell',
    diesAt: 2,
  },
  {
    name: 'counts a repeated change',
    file: 'cell.ts',
    find: "if (cell.active.has(event.id)) return 'duplicate'",
    replace: "if (cell.active.has(event.id) && !pipeline.retracts) return 'duplicate'",
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 0,
  },
  {
    name: 'a group from which all was taken back stays',
    file: 'cell.ts',
    find: 'const states = pipeline.retracts && isEmpty(algebras, merged) ? undefined : merged',
    replace: 'const states = merged',
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 2,
  },
  {
    name: 'within one group the new image replaces what was taken back',
    file: 'evaluate.ts',
    find: ': measure.merge(held?.[kept.indexOf(index)] ?? measure.empty, state)',
    replace: ': state',
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 0,
  },
  {
    name: 'a deleted row is not taken back',
    file: 'evaluate.ts',
    find: 'if (before.row !== undefined) addRow(shares, code, before.row, true)',
    replace:
      'if (before.row !== undefined && after.row !== undefined) addRow(shares, code, before.row, true)',
    breaks: 'the groups are the fold of exactly the ids',
    diesAt: 2,
  },
]
