/** Bytes of all values together. */
export function bytesOfAll(values: readonly Uint8Array[]): number {
  let bytes = 0
  for (const { byteLength } of values) bytes += byteLength
  return bytes
}
