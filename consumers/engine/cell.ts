import { isDeepStrictEqual } from 'node:util'
import { IdSet, idBytes } from './id-set.ts'
import type { EventId } from './identity.ts'
import type { Algebra, State } from './measures/measure.ts'
import type { Pipeline } from './pipeline.ts'

/** What one event adds to one group. */
export interface Share {
  /** The encoded key. */
  readonly key: string
  /** Its state in each measure that the grouping keeps, in their order. */
  readonly states: readonly State[]
}

/** What one event adds to its cell: worked out once, folded again at every attempt. Never changed in place. */
export interface Contribution {
  readonly id: EventId
  /** Per grouping of the pipeline, in its order: the shares of different keys. */
  readonly shares: readonly (readonly Share[])[]
}

/** An immutable item that holds nothing but ids which were once active in the head that names it. */
export interface Segment {
  readonly address: string
  readonly ids: number
}

/**
 * All that is stored of one (pipeline, definition, pane, bucket): the head, and the segments that it names. Its groups
 * are the fold of exactly the events whose ids are active or in a named segment: that is the invariant on which
 * exactness stands.
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
  /** Per grouping: key -> one state for each measure that the grouping keeps. */
  readonly groups: readonly Map<string, readonly State[]>[]
  /** The ids that are in the head itself. */
  active: IdSet
  segments: readonly Segment[]
  /** No encoding of the groups takes more bytes. */
  groupBytes: number
}

/** How large a cell's items may grow. */
export interface CellLimits {
  /** A head with more active ids than this has them sealed into segments. */
  readonly activeIds: number
  /** Ids of one segment. */
  readonly segmentIds: number
  /** Bytes of a head: it is rewritten at every swap, so its size is a cost as well as a limit. */
  readonly headBytes: number
}

/** Segments stay under 64 KB, heads under 256 KB. */
export const cellLimits: CellLimits = { activeIds: 1_024, segmentIds: 5_000, headBytes: 256 * 1_024 }

/** Bytes of incarnations, nonces and the names of segments: 96 random bits. */
export const nonceBytes = 12
/** Address, incarnation, nonce, counters and the framing of one head. */
const fixedBytes = 512
/** A segment's name and its count. */
const segmentBytes = nonceBytes + 5
/** A msgpack text header. */
const textHeaderBytes = 5

/** The address of a cell: its key in the cache. Names are kebab-case and fingerprints hexadecimal, so none collide. */
export function cellAddress(
  pipeline: Pick<Pipeline, 'name' | 'fingerprint'>,
  paneStartMs: number,
  bucket: number,
): string {
  return `streamtally:${pipeline.name}:${pipeline.fingerprint}:${paneStartMs}:${bucket}`
}

/** The address of a segment: its cell's, and the name that was drawn for it. */
export function segmentAddress(address: string, name: Uint8Array): string {
  return `${address}:${Buffer.from(name).toString('hex')}`
}

/** A cell that holds nothing, at version 0. */
export function emptyCell(
  pipeline: Pick<Pipeline, 'groupings'>,
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
    active: new IdSet(),
    segments: [],
    groupBytes: 0,
  }
}

/** The events that were folded into a cell. */
export function eventCount({ active, segments }: Pick<Cell, 'active' | 'segments'>): number {
  return segments.reduce((total, { ids }) => total + ids, active.size)
}

/** How many segments it takes to seal so many ids. */
export function segmentsFor(ids: number, limits: CellLimits): number {
  return ids > limits.activeIds ? Math.ceil(ids / limits.segmentIds) : 0
}

/** What became of an event that was offered to a cell. */
export type FoldResult = 'folded' | 'duplicate' | 'over-cap'

/**
 * Folds an event in, in place: whole, once, or not at all. The caller knows that none of the cell's segments holds it.
 * `over-cap` where the head would grow past its bytes or its groups; an event of groups that exist may still fit.
 */
export function fold(
  pipeline: Pipeline,
  cell: Cell,
  event: Contribution,
  limits: CellLimits = cellLimits,
): FoldResult {
  if (cell.active.has(event.id)) return 'duplicate'
  let { groupBytes } = cell
  let addedGroups = 0
  const changes: GroupChange[] = []
  for (let grouping = 0; grouping < event.shares.length; grouping++) {
    const algebras = pipeline.keptMeasures[grouping] ?? []
    for (const { key, states: added } of event.shares[grouping] ?? []) {
      const held = cell.groups[grouping]?.get(key)
      const merged = mergeStates(algebras, held, added)
      const states = pipeline.retracts && isEmpty(algebras, merged) ? undefined : merged
      if (held !== undefined && states !== undefined) {
        groupBytes += stateByteBound(algebras, states) - stateByteBound(algebras, held)
      } else if (held !== undefined) {
        addedGroups--
        groupBytes -= groupByteBound(algebras, key, held)
      } else if (states !== undefined) {
        addedGroups++
        groupBytes += groupByteBound(algebras, key, states)
      }
      changes.push({ grouping, key, states })
    }
  }
  if (headByteBound(cell, groupBytes, cell.active.size + 1, limits) > limits.headBytes) return 'over-cap'
  if (addedGroups > 0 && groupCount(cell) + addedGroups > pipeline.maximumGroups) return 'over-cap'

  cell.active.add(event.id)
  cell.groupBytes = groupBytes
  for (const { grouping, key, states } of changes) {
    if (states === undefined) cell.groups[grouping]?.delete(key)
    else cell.groups[grouping]?.set(key, states)
  }
  return 'folded'
}

interface GroupChange {
  readonly grouping: number
  readonly key: string
  /** `undefined` for a group from which all was taken back that was ever added: it is none, so equal sums are equal bytes. */
  readonly states: readonly State[] | undefined
}

/** Whether a group's states are those of a group that was never added to. */
export function isEmpty(algebras: readonly Algebra[], states: readonly State[]): boolean {
  return algebras.every((algebra, index) => isDeepStrictEqual(states[index], algebra.empty))
}

/** The states of two groups as one, measure by measure; nothing is changed in place. */
export function mergeStates(
  algebras: readonly Algebra[],
  a: readonly State[] | undefined,
  b: readonly State[],
): readonly State[] {
  if (a === undefined) return b
  return algebras.map((algebra, index) => algebra.merge(a[index] ?? algebra.empty, b[index] ?? algebra.empty))
}

/** The most bytes that one group can take in an encoded head. */
export function groupByteBound(algebras: readonly Algebra[], key: string, states: readonly State[]): number {
  return textHeaderBytes + Buffer.byteLength(key) + stateByteBound(algebras, states)
}

function stateByteBound(algebras: readonly Algebra[], states: readonly State[]): number {
  let bytes = 0
  for (let index = 0; index < algebras.length; index++) {
    const algebra = algebras[index]
    if (algebra === undefined) continue
    bytes += algebra.stateBytes?.(states[index] ?? algebra.empty) ?? algebra.maximumStateBytes
  }
  return bytes
}

/** The most bytes that the head can take once its ids are sealed where they have to be. */
function headByteBound(
  { segments }: Pick<Cell, 'segments'>,
  groupBytes: number,
  activeIds: number,
  limits: CellLimits,
): number {
  const named = segments.length + segmentsFor(activeIds, limits)
  return fixedBytes + groupBytes + Math.min(activeIds, limits.activeIds) * idBytes + named * segmentBytes
}

function groupCount(cell: Cell): number {
  return cell.groups.reduce((total, groups) => total + groups.size, 0)
}
