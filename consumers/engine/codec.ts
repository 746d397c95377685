import { type Cell, emptyCell, groupByteBound, nonceBytes, type Segment, segmentAddress } from './cell.ts'
import { DamagedBytesError } from './errors.ts'
import { frame, unframe } from './frame.ts'
import { IdSet, idBytes } from './id-set.ts'
import type { State } from './measures/measure.ts'
import type { Pipeline } from './pipeline.ts'

/**
 * How the items of a cell are written, as lists in a frame.
 *
 * Head: `[address, incarnation, version, nonce, lossy, groups, active ids, segment names, segment counts, events]`.
 * `groups` has per grouping one flat list `[key, state of each measure kept, next key, ...]`, sorted by key, so that
 * equal groups are equal bytes; ids and names are packed end to end; `events` is the number of ids, active or sealed.
 *
 * Segment: `[address, ids]`.
 */
const newestReadVersion = 1

/** The bytes of a cell's head. */
export function encodeCell(cell: Cell): Uint8Array {
  const { address, incarnation, version, nonce, lossy, active, segments } = cell
  const counts = segments.map(({ ids }) => ids)
  const events = counts.reduce((total, ids) => total + ids, active.size)
  const names = Buffer.concat(segments.map((segment) => segmentName(address, segment)))
  const groups = cell.groups.map(encodeGroups)
  return frame([
    address,
    incarnation,
    version,
    nonce,
    lossy,
    groups,
    Buffer.from(active.packed().buffer),
    names,
    counts,
    events,
  ])
}

/**
 * The cell whose head `encodeCell` wrote at `address`.
 * @throws DamagedBytesError for bytes that are cut, altered, or another address's.
 * @throws NewerCodecError for whole bytes of a version that this release does not read.
 */
export function decodeCell(
  pipeline: Pick<Pipeline, 'groupings' | 'keptMeasures'>,
  address: string,
  stored: Uint8Array,
): Cell {
  const head = parseHead(unframe(address, stored, newestReadVersion))
  const cell = emptyCell(pipeline, address, head.incarnation, head.lossy)
  cell.version = head.version
  cell.nonce = head.nonce
  cell.active = unpackIds(head.active)
  cell.segments = parseSegments(address, head.names, head.counts)
  const sealed = cell.segments.reduce((total, { ids }) => total + ids, 0)
  if (cell.active.size + sealed !== head.events)
    throw new DamagedBytesError('stored ids and their count differ')
  if (head.groups.length !== cell.groups.length)
    throw new DamagedBytesError('stored groupings do not match the pipeline')
  for (const [grouping, groups] of cell.groups.entries()) {
    const algebras = pipeline.keptMeasures[grouping] ?? []
    const flat = head.groups[grouping]
    const length = 1 + algebras.length
    if (!Array.isArray(flat) || flat.length % length !== 0)
      throw new DamagedBytesError('stored groups are not whole')
    for (let at = 0; at < flat.length; at += length) {
      const key: unknown = flat[at]
      if (typeof key !== 'string' || groups.has(key))
        throw new DamagedBytesError('stored groups are not told apart')
      const states = flat.slice(at + 1, at + length) as State[]
      groups.set(key, states)
      cell.groupBytes += groupByteBound(algebras, key, states)
    }
  }
  return cell
}

/** The bytes of a segment. */
export function encodeSegment(address: string, ids: Uint8Array): Uint8Array {
  return frame([address, Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength)])
}

/**
 * The ids of the segment that a head names.
 * @throws DamagedBytesError for bytes that are cut, altered, another address's, or of another number of ids.
 * @throws NewerCodecError for whole bytes of a version that this release does not read.
 */
export function decodeSegment({ address, ids }: Segment, stored: Uint8Array): IdSet {
  const [, packed] = unframe(address, stored, newestReadVersion)
  if (!Buffer.isBuffer(packed)) throw new DamagedBytesError('stored bytes are not a segment')
  const set = unpackIds(packed)
  if (set.size !== ids) throw new DamagedBytesError('a segment and its count differ')
  return set
}

interface Head {
  readonly incarnation: Uint8Array
  readonly version: number
  readonly nonce: Uint8Array
  readonly lossy: boolean
  readonly groups: readonly unknown[]
  readonly active: Buffer
  readonly names: Buffer
  readonly counts: readonly unknown[]
  readonly events: unknown
}

function parseHead([, ...fields]: readonly unknown[]): Head {
  const [incarnation, version, nonce, lossy, groups, active, names, counts, events] = fields
  if (
    !Buffer.isBuffer(incarnation) ||
    typeof version !== 'number' ||
    !Buffer.isBuffer(nonce) ||
    typeof lossy !== 'boolean' ||
    !Array.isArray(groups) ||
    !Buffer.isBuffer(active) ||
    !Buffer.isBuffer(names) ||
    !Array.isArray(counts)
  ) {
    throw new DamagedBytesError('stored bytes are not a head')
  }
  return { incarnation, version, nonce, lossy, groups, active, names, counts, events }
}

function unpackIds(packed: Buffer): IdSet {
  const ids = IdSet.unpack(packed)
  if (ids.size * idBytes !== packed.length) throw new DamagedBytesError('stored ids are not whole')
  return ids
}

function parseSegments(address: string, names: Buffer, counts: readonly unknown[]): Segment[] {
  if (names.length !== counts.length * nonceBytes)
    throw new DamagedBytesError('stored segments and their counts differ')
  return counts.map((ids, index) => {
    if (typeof ids !== 'number') throw new DamagedBytesError('a stored segment has no count')
    const name = names.subarray(index * nonceBytes, (index + 1) * nonceBytes)
    return { address: segmentAddress(address, name), ids }
  })
}

function segmentName(address: string, segment: Segment): Uint8Array {
  return Buffer.from(segment.address.slice(address.length + 1), 'hex')
}

function encodeGroups(groups: ReadonlyMap<string, readonly State[]>): unknown[] {
  const flat: unknown[] = []
  for (const key of [...groups.keys()].sort()) flat.push(key, ...(groups.get(key) ?? []))
  return flat
}
