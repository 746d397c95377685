import { status } from '@grpc/grpc-js'
import type { Metadata } from '@grpc/grpc-js'
import { RpcError } from './rpc-error.ts'
import { failureStatuses, isStatusName, statusNames } from './status-names.ts'

/** Clients whose counts are kept; of the ones longest known those of more are forgotten. */
const maximumClients = 1_000

/** Methods that the SDKs name otherwise than they are called. */
const otherNames: Readonly<Record<string, string>> = { ListErase: 'list-remove', SetIfNotExists: 'set-if' }

/** What a client asked to happen to a call of its own, in this order. */
export interface AskedFault {
  /** Milliseconds to wait before the call is looked at. */
  readonly delayMs: number
  /** The failure that it ends with then, having done nothing. */
  readonly failure: RpcError | undefined
}

/**
 * Faults that a client asks for in the metadata of its own calls, as Momento's SDKs do in their tests of retries:
 * `request-id` names the client, which is the same in all its calls; `return-error` (a status such as `unavailable`)
 * fails the methods in `error-rpcs` (`get set-if-hash`); `delay-ms` delays those in `delay-rpcs`. With `error-count`
 * and `delay-count` that happens to so many calls of a client to each method, otherwise to all. What cannot be
 * understood fails the call as INVALID_ARGUMENT.
 */
export class ClientFaults {
  readonly #counts = new Map<string, Map<string, number>>()

  /** What a call of `method` is to suffer. */
  ofCall(metadata: Metadata, method: string): AskedFault | undefined {
    const error = textOf(metadata, 'return-error')
    const delay = textOf(metadata, 'delay-ms')
    if (error === undefined && delay === undefined) return undefined
    if (error !== undefined && !isStatusName(error)) {
      return refuse(`return-error is ${error}, which is none of ${statusNames.join(', ')}`)
    }
    const numbers = { 'delay-ms': 0, 'error-count': Infinity, 'delay-count': Infinity }
    for (const name of ['delay-ms', 'error-count', 'delay-count'] as const) {
      const text = textOf(metadata, name)
      if (text === undefined) continue
      if (!/^\d{1,9}$/.test(text)) return refuse(`${name} is ${text}, which is no whole number`)
      numbers[name] = Number(text)
    }

    const client = textOf(metadata, 'request-id') ?? ''
    const isDue = (kind: 'error' | 'delay'): boolean =>
      isNamed(textOf(metadata, `${kind}-rpcs`), method) &&
      this.#count(client, `${kind} ${method}`) <= numbers[`${kind}-count`]
    const delayMs = delay !== undefined && isDue('delay') ? numbers['delay-ms'] : 0
    const failure =
      error !== undefined && isDue('error')
        ? new RpcError(failureStatuses[error], 'failed as the metadata asked for')
        : undefined
    return { delayMs, failure }
  }

  #count(client: string, what: string): number {
    let counts = this.#counts.get(client)
    if (counts === undefined) {
      counts = new Map()
      this.#counts.set(client, counts)
      const [longestKnown] = this.#counts.keys()
      if (this.#counts.size > maximumClients && longestKnown !== undefined) this.#counts.delete(longestKnown)
    }
    const count = (counts.get(what) ?? 0) + 1
    counts.set(what, count)
    return count
  }
}

function refuse(details: string): AskedFault {
  return { delayMs: 0, failure: new RpcError(status.INVALID_ARGUMENT, details) }
}

function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Whether `names`, with spaces between them, has the method's. */
function isNamed(names: string | undefined, method: string): boolean {
  if (names === undefined) return false
  const ownName = method.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase()
  return names.split(' ').some((name) => name === ownName || name === otherNames[method])
}
