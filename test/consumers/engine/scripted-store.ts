import { StoreError } from '../../../consumers/engine/errors.ts'
import type { CellStore, ReadConsistency, StoredBytes } from '../../../consumers/engine/ports.ts'

/** A request as the store received it. */
export interface StoreRequest {
  readonly kind: 'read' | 'create' | 'replace'
  readonly address: string
  readonly consistency?: ReadConsistency
  readonly bytes?: Uint8Array
  readonly hash?: Uint8Array
  readonly ttlSeconds?: number
}

/**
 * What becomes of one request: it goes through; it is lost on its way; it is applied, but the answer is lost;
 * something happens just before it, or just after; or, of a read, an answer that is not the store's.
 */
export type Step =
  | 'through'
  | 'lost'
  | 'answer-lost'
  | { readonly before: () => unknown; readonly after?: () => unknown }
  | { readonly after: () => unknown }
  | { readonly answer: StoredBytes | undefined }

/** A store whose next requests follow a script; those after it go through. */
export class ScriptedStore implements CellStore {
  readonly requestTimeoutMs: number
  readonly requests: StoreRequest[] = []
  /** Every request of these addresses is lost, whatever the script. */
  readonly unreachable = new Set<string>()
  readonly #inner: CellStore
  readonly #steps: Step[] = []

  constructor(inner: CellStore) {
    this.#inner = inner
    this.requestTimeoutMs = inner.requestTimeoutMs
  }

  script(...steps: readonly Step[]): void {
    this.#steps.push(...steps)
  }

  /** The kinds of the requests so far, reads with their consistency. */
  get trace(): readonly string[] {
    return this.requests.map(({ kind, consistency }) => consistency ?? kind)
  }

  async read(address: string, consistency: ReadConsistency): Promise<StoredBytes | undefined> {
    const step = this.#next({ kind: 'read', address, consistency })
    if (typeof step === 'object' && 'answer' in step) return step.answer
    return run(step, () => this.#inner.read(address, consistency))
  }

  async createIfAbsent(
    address: string,
    bytes: Uint8Array,
    ttlSeconds: number,
  ): Promise<Uint8Array | undefined> {
    const step = this.#next({ kind: 'create', address, bytes, ttlSeconds })
    return run(step, () => this.#inner.createIfAbsent(address, bytes, ttlSeconds))
  }

  async replaceIfEqual(
    address: string,
    bytes: Uint8Array,
    hash: Uint8Array,
    ttlSeconds: number,
  ): Promise<Uint8Array | undefined> {
    const step = this.#next({ kind: 'replace', address, bytes, hash, ttlSeconds })
    return run(step, () => this.#inner.replaceIfEqual(address, bytes, hash, ttlSeconds))
  }

  #next(request: StoreRequest): Step {
    this.requests.push(request)
    return this.unreachable.has(request.address) ? 'lost' : (this.#steps.shift() ?? 'through')
  }
}

async function run<T>(step: Step, apply: () => Promise<T>): Promise<T> {
  if (step === 'lost') throw new StoreError('the request was lost', { code: 'LOST' })
  if (typeof step === 'object' && 'answer' in step) throw new Error('the script answers a write')
  if (typeof step === 'object' && 'before' in step) await step.before()
  const answer = await apply()
  if (typeof step === 'object' && 'after' in step) await step.after?.()
  if (step === 'answer-lost') throw new StoreError('the answer was lost', { code: 'ANSWER_LOST' })
  return answer
}
