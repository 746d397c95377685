/** What an item holds, in the plainest form. */
export type ModelContent =
  | { readonly kind: 'scalar'; readonly value: string }
  | { readonly kind: 'dictionary'; readonly values: ReadonlyMap<string, string> }
  | { readonly kind: 'set'; readonly elements: ReadonlySet<string> }
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | { readonly kind: 'sortedSet'; readonly scores: ReadonlyMap<string, number> }

type OfKind<Kind extends ModelContent['kind']> = Extract<ModelContent, { kind: Kind }>

interface ModelItem {
  readonly content: ModelContent
  readonly expiresAtMs: number
}

/** A call that the model refuses. */
export class Refused extends Error {}

/** The items of one cache as anybody would write them who has one key to look after and all the time in the world. */
export class ModelItems {
  nowMs = 0
  readonly #items = new Map<string, ModelItem>()

  pass(ms: number): void {
    this.nowMs += ms
    for (const [key, item] of this.#items) if (this.nowMs >= item.expiresAtMs) this.#items.delete(key)
  }

  content(key: string): ModelContent | undefined {
    return this.#items.get(key)?.content
  }

  remainingTtlMs(key: string): number | undefined {
    const item = this.#items.get(key)
    return item === undefined ? undefined : item.expiresAtMs - this.nowMs
  }

  /** The content, which has to be of that kind if there is any. */
  ofKind<Kind extends ModelContent['kind']>(key: string, kind: Kind): OfKind<Kind> | undefined {
    const content = this.content(key)
    if (content === undefined || isOfKind(content, kind)) return content
    throw new Refused()
  }

  /** Stores with a new time to live. */
  store(key: string, content: ModelContent, ttlMs: number): void {
    this.delete(key)
    if (!isEmpty(content)) this.#items.set(key, { content, expiresAtMs: this.nowMs + ttlMs })
  }

  /** Stores with the time to live that there is, or with a new one if there is none or it is to be refreshed. */
  change(key: string, content: ModelContent, ttlMs = 0, refreshTtl = false): void {
    const remainingTtlMs = this.remainingTtlMs(key)
    this.store(key, content, remainingTtlMs === undefined || refreshTtl ? ttlMs : remainingTtlMs)
  }

  delete(key: string): void {
    this.#items.delete(key)
  }

  clear(): void {
    this.#items.clear()
  }
}

function isOfKind<Kind extends ModelContent['kind']>(
  content: ModelContent,
  kind: Kind,
): content is OfKind<Kind> {
  return content.kind === kind
}

function isEmpty(content: ModelContent): boolean {
  if (content.kind === 'scalar') return false
  if (content.kind === 'set') return content.elements.size === 0
  if (content.kind === 'sortedSet') return content.scores.size === 0
  return [...content.values].length === 0
}

/** The elements from the lowest score to the highest, equal scores by their values, or the other way round. */
export function ranked(scores: ReadonlyMap<string, number>, descending: boolean): [string, number][] {
  const ascending = [...scores].sort(([a, scoreOfA], [b, scoreOfB]) => {
    if (scoreOfA !== scoreOfB) return scoreOfA < scoreOfB ? -1 : 1
    return a < b ? -1 : 1
  })
  return descending ? ascending.toReversed() : ascending
}
