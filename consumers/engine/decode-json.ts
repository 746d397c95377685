import { RejectError, type RejectReason } from './errors.ts'

/** Objects and arrays within each other. Schemas and pipelines may recurse; some thousand levels end their stack. */
const maximumJsonDepth = 100
const utf8 = new TextDecoder('utf-8', { fatal: true })
const character = {
  quote: 0x22,
  backslash: 0x5c,
  openBracket: 0x5b,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

/**
 * The JSON of a payload of at most so many bytes and 100 levels. Member names such as `__proto__` are own members
 * like any other.
 * @throws RejectError `too-large`, `not-utf8`, `too-deep` or `not-json`, without a word of the payload.
 */
export function decodeJson(payload: Uint8Array, maximumBytes: number): unknown {
  if (payload.length > maximumBytes) {
    throw new RejectError('too-large', `the payload has ${payload.length} bytes, more than ${maximumBytes}`)
  }
  const text = attempt('not-utf8', 'the payload is not UTF-8', () => utf8.decode(payload))
  if (hasMoreBrackets(text, maximumJsonDepth) && isDeeper(payload, maximumJsonDepth)) {
    throw new RejectError('too-deep', `the payload nests more than ${maximumJsonDepth} levels`)
  }
  return attempt('not-json', 'the payload is not JSON', (): unknown => JSON.parse(text))
}

/** Whether more levels are opened, here and there: hardly any payload's are, and then it need not be walked. */
function hasMoreBrackets(text: string, maximum: number): boolean {
  let count = 0
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (++count > maximum) return true
    }
  }
  return false
}

/** Whether UTF-8 JSON nests deeper, told from its bytes in one pass and in no memory; of other texts it may say either. */
function isDeeper(json: Uint8Array, maximumDepth: number): boolean {
  let depth = 0
  let isInText = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (isInText) {
      if (byte === character.backslash) at++
      else if (byte === character.quote) isInText = false
    } else if (byte === character.quote) isInText = true
    else if (byte === character.openBracket || byte === character.openBrace) {
      if (++depth > maximumDepth) return true
    } else if (byte === character.closeBracket || byte === character.closeBrace) depth--
  }
  return false
}

function attempt<T>(reason: RejectReason, detail: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new RejectError(reason, detail, { cause: error })
  }
}
