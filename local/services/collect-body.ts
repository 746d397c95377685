import type { Readable } from 'node:stream'

/** Hands on the whole body, or undefined if it is larger than allowed; an oversized body is read to its end, not kept. */
export function collectBody(
  request: Readable,
  maximumBodyBytes: number,
  done: (body: Buffer | undefined) => void,
): void {
  const chunks: Buffer[] = []
  let bodyBytes = 0
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.byteLength
    if (bodyBytes <= maximumBodyBytes) chunks.push(chunk)
    else chunks.length = 0
  })
  request.on('end', () => done(bodyBytes <= maximumBodyBytes ? Buffer.concat(chunks) : undefined))
}
