import { crc32 } from 'node:zlib'
import { Packr } from 'msgpackr'
import { type Cell, emptyCell, groupByteBound } from './cell.ts'
import { DamagedBytesError, NewerCodecError } from './errors.ts'
import { idBytes } from './identity.ts'
import type { State } from './measures/measure.ts'
import type { Pipeline } from './pipeline.ts'

/**
 * A cell's bytes: CRC-32 of the rest (4 bytes, big endian), the codec's version (1 byte), and msgpack of
 * `[address, incarnation, version, nonce, lossy, groups, ids, events]`. `groups` has per grouping one flat list
 * `[key, state of each measure, next key, ...]`, sorted by key, so that equal groups are equal bytes; `ids` are packed
 * end to end; `events` repeats their number. The frame stays as it is in every later version.
 */
const codecVersion = 1
const frameBytes = 5
const packr = new Packr({ useRecords: false, useBigIntExtension: true })

/** The bytes of a cell. */
export function encodeCell(cell: Cell): Uint8Array {
  const body = packr.pack([
    cell.address,
    cell.incarnation,
    cell.version,
    cell.nonce,
    cell.lossy,
    cell.groups.map(encodeGroups),
    Buffer.from([...cell.ids].join(''), 'latin1'),
    cell.ids.size,
  ])
  const bytes = Buffer.allocUnsafe(frameBytes + body.length)
  bytes.writeUInt8(codecVersion, 4)
  body.copy(bytes, frameBytes)
  bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0)
  return bytes
}

/**
 * The cell that `encodeCell` wrote at `address`.
 * @throws DamagedBytesError for bytes that are cut, altered, or another address's.
 * @throws NewerCodecError for whole bytes of a version above this one.
 */
export function decodeCell(pipeline: Pipeline, address: string, stored: Uint8Array): Cell {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  if (bytes.length <= frameBytes) throw new DamagedBytesError('stored bytes are truncated')
  if (bytes.readUInt32BE(0) !== crc32(bytes.subarray(4)))
    throw new DamagedBytesError('stored bytes fail their checksum')
  const version = bytes.readUInt8(4)
  if (version > codecVersion) throw new NewerCodecError(`stored bytes have codec version ${version}`)

  const body = unpack(bytes.subarray(frameBytes))
  if (body.address !== address) throw new DamagedBytesError('stored bytes belong to another address')
  const cell = emptyCell(pipeline, address, body.incarnation, body.lossy)
  cell.version = body.version
  cell.nonce = body.nonce
  if (body.groups.length !== cell.groups.length)
    throw new DamagedBytesError('stored groupings do not match the pipeline')
  const groupLength = 1 + pipeline.measures.length
  for (const [index, groups] of cell.groups.entries()) {
    const flat = body.groups[index]
    if (!Array.isArray(flat) || flat.length % groupLength !== 0)
      throw new DamagedBytesError('stored groups are not whole')
    for (let at = 0; at < flat.length; at += groupLength) {
      const key: unknown = flat[at]
      if (typeof key !== 'string' || groups.has(key))
        throw new DamagedBytesError('stored groups are not told apart')
      groups.set(key, flat.slice(at + 1, at + groupLength) as State[])
      cell.byteBound += groupByteBound(pipeline, key)
    }
  }
  for (let at = 0; at < body.ids.length; at += idBytes)
    cell.ids.add(body.ids.toString('latin1', at, at + idBytes))
  if (cell.ids.size !== body.events || cell.ids.size * idBytes !== body.ids.length)
    throw new DamagedBytesError('stored ids and their count differ')
  cell.byteBound += body.ids.length
  return cell
}

interface Body {
  readonly address: unknown
  readonly incarnation: Uint8Array
  readonly version: number
  readonly nonce: Uint8Array
  readonly lossy: boolean
  readonly groups: readonly unknown[]
  readonly ids: Buffer
  readonly events: unknown
}

function unpack(packed: Buffer): Body {
  // The checksum held, so these are the bytes of an encoder; only another release's can have another shape.
  let value: unknown
  try {
    value = packr.unpack(packed)
  } catch (error) {
    throw new DamagedBytesError('stored bytes are not a cell', { cause: error })
  }
  if (!Array.isArray(value)) throw new DamagedBytesError('stored bytes are not a cell')
  const [address, incarnation, version, nonce, lossy, groups, ids, events] = value as unknown[]
  if (
    !(incarnation instanceof Uint8Array) ||
    typeof version !== 'number' ||
    !(nonce instanceof Uint8Array) ||
    typeof lossy !== 'boolean' ||
    !Array.isArray(groups) ||
    !Buffer.isBuffer(ids)
  ) {
    throw new DamagedBytesError('stored bytes are not a cell')
  }
  // Copies: views would keep all the bytes in memory for as long as an incarnation is remembered.
  return {
    address,
    incarnation: Uint8Array.from(incarnation),
    version,
    nonce: Uint8Array.from(nonce),
    lossy,
    groups,
    ids,
    events,
  }
}

function encodeGroups(groups: ReadonlyMap<string, readonly State[]>): unknown[] {
  const flat: unknown[] = []
  for (const key of [...groups.keys()].sort()) flat.push(key, ...(groups.get(key) ?? []))
  return flat
}
