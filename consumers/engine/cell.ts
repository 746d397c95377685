import { idBytes } from './identity.ts'
import type { State } from './measures/measure.ts'
import type { Pipeline } from './pipeline.ts'

/** What one event adds to its cell: worked out once, folded again at every attempt. Never changed in place. */
export interface Contribution {
  /** The event's id, `idBytes` latin-1 characters. */
  readonly id: string
  /** The encoded key in each grouping of the pipeline, in its order. */
  readonly keys: readonly string[]
  /** The event's state in each measure of the pipeline, in its order. */
  readonly states: readonly State[]
}

/**
 * All that is stored of one (pipeline, definition, pane, bucket). Its groups are the fold of exactly the events whose
 * ids it holds: that is the invariant on which exactness stands.
 */
export interface Cell {
  readonly address: string
  /** One life of the cell, drawn at random when it is created. */
  readonly incarnation: Uint8Array
  /** Grows by 1 with each change; 0 before the first. */
  version: number
  /** Fresh with each change, so that equal contents never have equal hashes. */
  nonce: Uint8Array
  /** This incarnation follows a loss that was noticed: totals may be too low until a replay. */
  lossy: boolean
  /** Per grouping: key -> one state a measure. */
  readonly groups: readonly Map<string, readonly State[]>[]
  /** The ids of the events that were folded in. */
  readonly ids: Set<string>
  /** No encoding of this cell takes more bytes. */
  byteBound: number
}

/** Bytes of incarnations and nonces: 96 random bits. */
export const nonceBytes = 12
/** A cell's bytes stay under this: a head is rewritten at every swap. */
export const maximumCellBytes = 1_000_000
/** Address, incarnation, nonce, counters and the framing of one cell. */
const fixedBytes = 512
/** A msgpack text header. */
const textHeaderBytes = 5

/** The address of a cell: its key in the cache. Names are kebab-case and fingerprints hexadecimal, so none collide. */
export function cellAddress(pipeline: Pipeline, paneStartMs: number, bucket: number): string {
  return `streamtally:${pipeline.name}:${pipeline.fingerprint}:${paneStartMs}:${bucket}`
}

/** A cell that holds nothing, at version 0. */
export function emptyCell(
  pipeline: Pipeline,
  address: string,
  incarnation: Uint8Array,
  lossy: boolean,
): Cell {
  return {
    address,
    incarnation,
    version: 0,
    nonce: incarnation,
    lossy,
    groups: pipeline.groupings.map(() => new Map()),
    ids: new Set(),
    byteBound: fixedBytes,
  }
}

/** The most bytes that one group can take in an encoded cell. */
export function groupByteBound(pipeline: Pipeline, key: string): number {
  const stateBytes = pipeline.measures.reduce((total, [, measure]) => total + measure.maximumStateBytes, 0)
  return textHeaderBytes + Buffer.byteLength(key) + stateBytes
}

/** What became of an event that was offered to a cell. */
export type FoldResult = 'folded' | 'duplicate' | 'over-cap'

/**
 * Folds an event in, in place: whole, once, or not at all. `over-cap` where the cell would grow past its bytes or its
 * groups; an event of groups that exist already may still fit.
 */
export function fold(pipeline: Pipeline, cell: Cell, event: Contribution): FoldResult {
  if (cell.ids.has(event.id)) return 'duplicate'
  let growthBytes = idBytes
  let newGroups = 0
  for (const [index, key] of event.keys.entries()) {
    if (cell.groups[index]?.has(key)) continue
    growthBytes += groupByteBound(pipeline, key)
    newGroups++
  }
  if (cell.byteBound + growthBytes > maximumCellBytes) return 'over-cap'
  if (newGroups > 0 && groupCount(cell) + newGroups > pipeline.maximumGroups) return 'over-cap'

  for (const [index, key] of event.keys.entries()) {
    const groups = cell.groups[index]
    groups?.set(key, mergeStates(pipeline, groups.get(key), event.states))
  }
  cell.ids.add(event.id)
  cell.byteBound += growthBytes
  return 'folded'
}

/** The states of two groups as one, measure by measure; nothing is changed in place. */
export function mergeStates(
  pipeline: Pipeline,
  a: readonly State[] | undefined,
  b: readonly State[],
): readonly State[] {
  if (a === undefined) return b
  return pipeline.measures.map(([, measure], index) =>
    measure.merge(a[index] ?? measure.empty, b[index] ?? measure.empty),
  )
}

function groupCount(cell: Cell): number {
  return cell.groups.reduce((total, groups) => total + groups.size, 0)
}
