import { nameOf } from './byte-name.ts'
import { addToInteger, integerText } from './integer-text.ts'

/** Values by field. It keeps copies, and fields are in the order in which they were first set. */
export class Dictionary {
  readonly kind = 'dictionary'
  readonly #values = new Map<string, Uint8Array>()
  #bytes = 0

  get size(): number {
    return this.#values.size
  }

  /** Bytes of all fields and values. */
  get bytes(): number {
    return this.#bytes
  }

  get(field: Uint8Array): Uint8Array | undefined {
    return this.#values.get(nameOf(field))
  }

  /** The fields, as `nameOf` names them, with their values. */
  entries(): Iterable<[name: string, value: Uint8Array]> {
    return this.#values
  }

  set(field: Uint8Array, value: Uint8Array): void {
    this.#put(nameOf(field), new Uint8Array(value))
  }

  /** Adds to the integer that the field's text is, from 0, and gives the sum; throws as `addToInteger` does. */
  increment(field: Uint8Array, amount: number): bigint {
    const name = nameOf(field)
    const sum = addToInteger(this.#values.get(name), amount)
    this.#put(name, integerText(sum))
    return sum
  }

  delete(field: Uint8Array): void {
    const name = nameOf(field)
    const value = this.#values.get(name)
    if (value === undefined) return
    this.#values.delete(name)
    this.#bytes -= name.length + value.byteLength
  }

  clear(): void {
    this.#values.clear()
    this.#bytes = 0
  }

  copy(): Dictionary {
    const copy = new Dictionary()
    for (const [name, value] of this.#values) copy.#put(name, value)
    return copy
  }

  #put(name: string, value: Uint8Array): void {
    const replaced = this.#values.get(name)
    this.#bytes += value.byteLength - (replaced === undefined ? -name.length : replaced.byteLength)
    this.#values.set(name, value)
  }
}
