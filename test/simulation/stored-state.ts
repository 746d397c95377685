import { crc32 } from 'node:zlib'
import { Packr } from 'msgpackr'
import { emptyCell, fold } from '../../consumers/engine/cell.ts'
import { decodeCell, decodeSegment } from '../../consumers/engine/codec.ts'
import { DamagedBytesError, NewerCodecError } from '../../consumers/engine/errors.ts'
import type { State } from '../../consumers/engine/measures/measure.ts'
import type { Pipeline } from '../../consumers/engine/pipeline.ts'
import type { SourceRecord } from '../../consumers/engine/ports.ts'
import { routeRecord } from '../../consumers/engine/route.ts'

/*
 * All that the simulation knows of what the engine stores: bytes go in here, and plain data comes out.
 */

/** A head and what it names, as plain data. Ids and incarnations are texts. */
export interface StoredState {
  readonly address: string
  readonly incarnation: string
  readonly version: number
  readonly nonce: string
  readonly lossy: boolean
  /** Active ids and those in the segments that could be read. */
  readonly ids: ReadonlySet<string>
  /** How many ids there should be; more than `ids` has if one is there twice or a segment is gone. */
  readonly idCount: number
  readonly segments: readonly { readonly address: string; readonly count: number }[]
  /** Per grouping of the pipeline: key -> a state of each measure. */
  readonly groups: readonly ReadonlyMap<string, readonly State[]>[]
}

/** What stored bytes are; `segmentBytes` gives what is stored at a segment's address. */
export function storedState(
  pipeline: Pipeline,
  address: string,
  bytes: Uint8Array,
  segmentBytes: (address: string) => Uint8Array | undefined,
): StoredState | 'damaged' | 'newer codec' {
  try {
    const { incarnation, version, nonce, lossy, active, segments, groups } = decodeCell(
      pipeline,
      address,
      bytes,
    )
    const sealed = segments.flatMap((segment) => {
      const stored = segmentBytes(segment.address)
      return stored === undefined ? [] : [...decodeSegment(segment, stored)]
    })
    return {
      address,
      incarnation: Buffer.from(incarnation).toString('hex'),
      version,
      nonce: Buffer.from(nonce).toString('hex'),
      lossy,
      ids: new Set([...active, ...sealed].map(String)),
      idCount: segments.reduce((total, { ids }) => total + ids, active.size),
      segments: segments.map((segment) => ({ address: segment.address, count: segment.ids })),
      groups,
    }
  } catch (error) {
    if (error instanceof DamagedBytesError) return 'damaged'
    if (error instanceof NewerCodecError) return 'newer codec'
    throw error
  }
}

/** An event's id as the text that `StoredState` has it as: the first three words of a digest. */
export function idText(digest: Buffer): string {
  return [0, 4, 8].map((at) => digest.readUInt32BE(at)).join()
}

/** What an address says. */
export interface AddressedPlace {
  readonly paneStartMs: number
  readonly bucket: number
  /** Else it is one of the head's segments. */
  readonly isHead: boolean
}

/** Which pane and bucket an address names, and whether it is that of a head. */
export function placeOf(address: string): AddressedPlace {
  const known = places.get(address)
  if (known !== undefined) return known
  const [, , , pane, bucket, segment] = address.split(':')
  const place = { paneStartMs: Number(pane), bucket: Number(bucket), isHead: segment === undefined }
  if (places.size >= maximumPlaces) places.clear()
  places.set(address, place)
  return place
}

/** Asked for at every request, and there are few of them. */
const places = new Map<string, AddressedPlace>()
const maximumPlaces = 10_000

/** The same bytes as a later release would write them: whole, but of a codec that nobody here knows. */
export function asNewerCodec(bytes: Uint8Array): Uint8Array {
  const newer = Buffer.from(bytes)
  newer.writeUInt8(200, 4)
  newer.writeUInt32BE(crc32(newer.subarray(4)), 0)
  return newer
}

const packr = new Packr({ useRecords: false, useBigIntExtension: true })

/** The bytes of groups: equal for equal groups, whatever their order. */
export function groupBytes(groups: StoredState['groups']): Uint8Array {
  const sorted = groups.map((byKey) => [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)))
  return Uint8Array.from(packr.pack(sorted))
}

/**
 * The groups of these records, folded one after the other into nothing by the engine's own fold. However many they are:
 * in another order changes of rows may need more groups on the way.
 */
export function foldedGroups(
  pipeline: Pipeline,
  address: string,
  records: readonly SourceRecord[],
): StoredState['groups'] {
  const cell = emptyCell(pipeline, address, new Uint8Array(12), false)
  for (const record of records) {
    const route = routeRecord(pipeline, record)
    if (route !== undefined) fold({ ...pipeline, maximumGroups: Infinity }, cell, route.contribution)
  }
  return cell.groups
}
