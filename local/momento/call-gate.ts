import { ServerInterceptingCall, status } from '@grpc/grpc-js'
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'
import { refusalOfKey } from './api-key.ts'
import type { ApiKeys } from './api-key.ts'
import type { ClientFaults } from './client-faults.ts'
import { methodCells } from './counters.ts'
import type { CounterCells, MethodCounters } from './counters.ts'
import { drawDelayMs, drawFate } from './faults.ts'
import type { Fate, MomentoFaults } from './faults.ts'
import type { RateLimits } from './rate-limits.ts'
import { rateLimited, RpcError } from './rpc-error.ts'
import { failureStatuses, isStatusName } from './status-names.ts'
import { methodName } from './unary.ts'

type Call = Parameters<ServerInterceptor>[1]
type Listener = Parameters<Call['start']>[0]
type Status = Parameters<Call['sendStatus']>[0]

const dataService = '/cache_client.Scs/'

/** What all calls of one server pass on their way to the methods and back. */
export interface CallGate {
  /** Keys of which each call has to carry one; without, all calls pass. */
  readonly keys: ApiKeys | undefined
  readonly limits: RateLimits
  readonly counters: CounterCells
  readonly clientFaults: ClientFaults
  /** What goes wrong now, with data calls only; `undefined` when nothing does. */
  readonly faults: () => MomentoFaults | undefined
  readonly random: () => number
  /** Runs `callback` once after `ms` milliseconds; the returned function cancels it, and may be called late. */
  readonly after: (ms: number, callback: () => void) => () => void
  /** Cuts the connection with that other end. */
  readonly cut: (peer: string) => void
}

/** Whether a method, by its path, is one of the data plane. */
export function isDataPath(path: string): boolean {
  return path.startsWith(dataService)
}

/**
 * Puts the gate around every call, batches and control calls too: keys, limits, faults and counts are decided here, and
 * the methods know nothing of them.
 */
export function gateInterceptor(gate: CallGate): ServerInterceptor {
  const methods = new Map<string, Method>()
  return ({ path }, call) => {
    let method = methods.get(path)
    if (method === undefined) {
      const name = methodName({ path })
      method = { name, isData: isDataPath(path), cells: methodCells(gate.counters, name) }
      methods.set(path, method)
    }
    return new GatedCall(gate, method, call)
  }
}

interface Method {
  readonly name: string
  readonly isData: boolean
  readonly cells: MethodCounters
}

class GatedCall extends ServerInterceptingCall {
  readonly #gate: CallGate
  readonly #method: Method
  readonly #call: Call
  #fate: Fate = 'answered'
  #isCounted = false
  #isEnded = false
  #endDelay: (() => void) | undefined

  constructor(gate: CallGate, method: Method, call: Call) {
    super(call)
    this.#gate = gate
    this.#call = call
    this.#method = method
  }

  override start(listener: Listener): void {
    this.#call.start({
      onReceiveMetadata: (metadata) => this.#enter(metadata, () => listener.onReceiveMetadata(metadata)),
      onReceiveMessage: (message: unknown) => listener.onReceiveMessage(message),
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => {
        this.#endDelay?.()
        if (this.#isCounted && !this.#isEnded) this.#countError(status.CANCELLED)
        this.#isEnded = true
        listener.onCancel()
      },
    })
  }

  override sendMetadata(metadata: Metadata): void {
    if (!this.#isLost) this.#call.sendMetadata(metadata)
  }

  override sendMessage(message: unknown, callback: () => void): void {
    if (this.#isLost) callback()
    else this.#call.sendMessage(message, callback)
  }

  override sendStatus(ended: Status): void {
    if (ended.code !== status.OK || !this.#isLost) return this.#end(ended)
    const { counters, cut } = this.#gate
    if (this.#fate === 'answerLost') {
      counters.answersLost += 1
      this.#end(new RpcError(status.UNAVAILABLE, 'answer lost by a fault on demand'))
    } else if (this.#fate === 'held') counters.held += 1
    else {
      counters.cut += 1
      cut(this.#call.getPeer())
    }
  }

  /** Whether what the method answers will not arrive. */
  get #isLost(): boolean {
    return this.#fate === 'answerLost' || this.#fate === 'held' || this.#fate === 'cut'
  }

  #enter(metadata: Metadata, pass: () => void): void {
    const { keys, limits, counters, clientFaults } = this.#gate
    const refusal = keys && refusalOfKey(keys, metadata, this.#method.name)
    if (refusal?.code === status.UNAUTHENTICATED) {
      counters.unauthenticated += 1
      return this.#call.sendStatus(refusal)
    }
    this.#isCounted = true
    this.#method.cells.requests += 1
    if (this.#method.isData) counters.requests += 1
    if (refusal !== undefined) return this.#end(refusal)

    const limit = limits.admit(this.#method.isData)
    if (limit !== undefined) {
      counters.limited += 1
      return this.#end(limit)
    }
    const asked = clientFaults.ofCall(metadata, this.#method.name)
    this.#afterDelay(asked?.delayMs ?? 0, () => {
      if (asked?.failure !== undefined) this.#end(asked.failure)
      else if (this.#method.isData) this.#meetFaults(pass)
      else pass()
    })
  }

  #meetFaults(pass: () => void): void {
    const { counters, random } = this.#gate
    const faults = this.#gate.faults()
    if (faults === undefined) return pass()
    this.#fate = drawFate(faults, this.#method.name, faults.random ?? random)
    const delayMs = drawDelayMs(faults, this.#method.name, faults.random ?? random)
    if (delayMs > 0) counters.delayed += 1
    this.#afterDelay(delayMs, () => {
      const failure = failureOf(this.#fate)
      if (failure === undefined) return pass()
      if (this.#fate === 'limited') counters.limited += 1
      else counters.refused += 1
      this.#end(failure)
    })
  }

  #afterDelay(delayMs: number, go: () => void): void {
    if (delayMs > 0) this.#endDelay = this.#gate.after(delayMs, go)
    else go()
  }

  #end(ended: Status): void {
    if (!this.#isEnded && ended.code !== undefined && ended.code !== status.OK) this.#countError(ended.code)
    this.#isEnded = true
    this.#call.sendStatus(ended)
  }

  #countError(code: status): void {
    const name = status[code]
    this.#method.cells.errors[name] = (this.#method.cells.errors[name] ?? 0) + 1
  }
}

/** The failure of a call that is not even looked at. */
function failureOf(fate: Fate): RpcError | undefined {
  if (fate === 'refused') return new RpcError(status.UNAVAILABLE, 'refused by a fault on demand')
  if (fate === 'limited') return rateLimited()
  if (isStatusName(fate)) return new RpcError(failureStatuses[fate], 'failed by a fault on demand')
  return undefined
}
