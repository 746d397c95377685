/** FNV-1a's prime and offset, and another odd pair: two independent lanes of 32 bits. */
const prime = { first: 0x01000193, second: 0x85ebca6b }
const offset = { first: 0x811c9dc5, second: 0x9747b28c }

/** A running hash over everything that was decided and stored: two runs that differ anywhere differ in it. */
export class Trace {
  #first = offset.first
  #second = offset.second

  note(word: number): void {
    this.#first = Math.imul(this.#first ^ word, prime.first)
    this.#second =
      Math.imul(this.#second ^ (word >>> 16) ^ (word << 16), prime.second) ^ (this.#second >>> 13)
  }

  /** Notes the first and the last bytes, which in a hash say all. */
  noteHash(hash: Uint8Array): void {
    for (let at = 0; at < 4; at++) this.note(((hash[at] ?? 0) << 8) | (hash[hash.length - 1 - at] ?? 0))
  }

  noteText(text: string): void {
    for (let at = 0; at < text.length; at++) this.note(text.charCodeAt(at))
  }

  digest(): string {
    return [this.#first, this.#second].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')
  }
}
