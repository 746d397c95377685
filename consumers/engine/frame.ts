import { crc32 } from 'node:zlib'
import { Packr } from 'msgpackr'
import { DamagedBytesError, NewerCodecError } from './errors.ts'

/**
 * What every stored item has around it: the CRC-32 of the rest (4 bytes, big endian), the codec's version (1 byte), and
 * msgpack of a list that begins with the item's own address. The frame stays as it is in every later version.
 */
const frameBytes = 5
/** The version that is written: one that the release before this one could read. */
export const writtenVersion = 1
const packr = new Packr({ useRecords: false, useBigIntExtension: true, copyBuffers: true })

/** The bytes of an item. */
export function frame(body: readonly unknown[]): Uint8Array {
  const packed = packr.pack(body)
  const bytes = Buffer.allocUnsafeSlow(frameBytes + packed.length)
  bytes.writeUInt8(writtenVersion, 4)
  packed.copy(bytes, frameBytes)
  bytes.writeUInt32BE(crc32(bytes.subarray(4)), 0)
  return bytes
}

/**
 * The list that `frame` was given for the item at `address`.
 * @throws DamagedBytesError for bytes that are cut, altered, or another address's.
 * @throws NewerCodecError for whole bytes of a version above `newestVersion`.
 */
export function unframe(address: string, stored: Uint8Array, newestVersion: number): readonly unknown[] {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength)
  if (bytes.length <= frameBytes) throw new DamagedBytesError('stored bytes are truncated')
  if (bytes.readUInt32BE(0) !== crc32(bytes.subarray(4)))
    throw new DamagedBytesError('stored bytes fail their checksum')
  const version = bytes.readUInt8(4)
  if (version > newestVersion) throw new NewerCodecError(`stored bytes have codec version ${version}`)
  const body = unpack(bytes.subarray(frameBytes))
  if (body[0] !== address) throw new DamagedBytesError('stored bytes belong to another address')
  return body
}

/** The checksum held, so these are the bytes of an encoder; only another release's can have another shape. */
function unpack(packed: Buffer): readonly unknown[] {
  let value: unknown
  try {
    value = packr.unpack(packed)
  } catch (error) {
    throw new DamagedBytesError('stored bytes are no list', { cause: error })
  }
  if (!Array.isArray(value)) throw new DamagedBytesError('stored bytes are no list')
  return value as unknown[]
}
