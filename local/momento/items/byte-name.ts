/** One character a byte, so that distinct bytes have distinct names, text or not, and names compare as their bytes do. */
export function nameOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** The bytes that `nameOf` gave the name for. */
export function bytesOf(name: string): Uint8Array {
  return Buffer.from(name, 'latin1')
}
