import { hash } from 'node:crypto'
import { RejectError } from './errors.ts'

/** The key of a group: one text, or several that together name it. A list of one text is the same key as the text. */
export type Key = string | readonly string[]

/** Encoded keys longer than this many characters are stored as their hash. */
const maximumEncodedLength = 512

/**
 * The one text for a key: its parts joined by `|`, with `\` and `|` inside a part written as `\\` and `\|`. No two
 * keys share a text. Longer than 512 characters it is `\#` and a SHA-256, which no other key encodes to.
 * @throws RejectError `invalid-key` for what is no text, for no parts at all, and for texts with lone surrogates
 *   (UTF-8 would make one key of many).
 */
export function encodeKey(key: Key): string {
  const encoded = typeof key === 'string' ? encodePart(key) : encodeParts(key)
  return encoded.length <= maximumEncodedLength ? encoded : `\\#${hash('sha256', encoded, 'base64url')}`
}

/** Whether an encoded key is a hash, from which the key itself cannot be had. */
export function isHashedKey(encoded: string): boolean {
  return /^\\#[\w-]{43}$/.test(encoded)
}

/** The key that `encodeKey` was given; a hashed one stays as it is. */
export function decodeKey(encoded: string): Key {
  if (isHashedKey(encoded)) return encoded
  const parts = ['']
  for (let at = 0; at < encoded.length; at++) {
    const character = encoded.charAt(at)
    if (character === '|') parts.push('')
    else parts[parts.length - 1] += character === '\\' ? encoded.charAt(++at) : character
  }
  const [first, ...rest] = parts
  return rest.length === 0 && first !== undefined ? first : parts
}

/** The text by which a key is routed: a single text as producers send it as partition key, several encoded. */
export function routingText(key: Key): string {
  if (typeof key === 'string') return key
  const [first, ...rest] = key
  return first !== undefined && rest.length === 0 ? first : encodeKey(key)
}

function encodeParts(parts: readonly unknown[]): string {
  if (!Array.isArray(parts) || parts.length === 0) throw new RejectError('invalid-key', 'a key is not a text')
  let encoded = encodePart(parts[0])
  for (let index = 1; index < parts.length; index++) encoded += `|${encodePart(parts[index])}`
  return encoded
}

function encodePart(part: unknown): string {
  if (typeof part !== 'string') throw new RejectError('invalid-key', 'a key is not a text')
  if (!part.isWellFormed()) throw new RejectError('invalid-key', 'a key has a lone surrogate')
  return part.includes('|') || part.includes('\\') ? part.replaceAll(/[\\|]/g, String.raw`\$&`) : part
}
