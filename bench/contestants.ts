import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MomentoCounters } from '../local/momento/counters.ts'
import type { MomentoFaults } from '../local/momento/faults.ts'
import { bundle } from './bundle.ts'
import type { ContestantOptions, Delivered, Delivery, Sample, SampleRequest } from './contestant.ts'
import type { PeerSurroundings } from './peers/peer.ts'

type Places = Omit<PeerSurroundings, 'campaignOf'>
/** Reports of the handlers and what they log are no part of the results. */
const stdio: ('ignore' | 'inherit' | 'ipc')[] = ['ignore', 'ignore', 'inherit', 'ipc']
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }

/** A handler in its own process. */
export interface Contestant {
  take(request: SampleRequest): Promise<Sample>
  deliver(delivery: Delivery): Promise<Delivered>
  /** Ends the process at once, whatever it is doing. */
  kill(): Promise<void>
  close(): void
}

/** A local Momento in its own process, and the handlers that use it. */
export class Arena {
  readonly #momento: ChildProcess
  readonly places: Places
  readonly folder: string
  readonly #contestants: ChildProcess[] = []

  private constructor(momento: ChildProcess, places: Places, folder: string) {
    this.#momento = momento
    this.places = places
    this.folder = folder
  }

  static async open(): Promise<Arena> {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'))
    await bundle('contestant', join(import.meta.dirname, 'contestant.ts'), folder)
    const momento = fork(join(import.meta.dirname, 'momento-process.ts'), { stdio, env })
    return new Arena(momento, await answerOf<Places>(momento), folder)
  }

  /** Sets the faults of the store, and tells what it has counted so far. */
  async store(faults: MomentoFaults = {}): Promise<MomentoCounters> {
    this.#momento.send(faults)
    return answerOf<MomentoCounters>(this.#momento)
  }

  /** Resolves when the store has applied so many calls from now on; it answers none until then, nor later, until `store`. */
  async stopAfter(calls: number): Promise<void> {
    this.#momento.send({ stopAfter: calls })
    await answerOf(this.#momento)
  }

  async contestant(options: Omit<ContestantOptions, keyof Places>): Promise<Contestant> {
    const child = fork(
      join(this.folder, 'contestant.mjs'),
      [JSON.stringify({ ...this.places, ...options })],
      { stdio, env, execArgv: ['--expose-gc'] },
    )
    this.#contestants.push(child)
    await answerOf(child)
    return {
      take: (request) => {
        child.send(request)
        return answerOf<Sample>(child)
      },
      deliver: (delivery) => {
        child.send(delivery)
        return answerOf<Delivered>(child)
      },
      kill: async () => {
        const exit = once(child, 'exit')
        child.kill('SIGKILL')
        await exit
      },
      close: () => child.disconnect(),
    }
  }

  async close(): Promise<void> {
    for (const child of [this.#momento, ...this.#contestants]) if (child.connected) child.disconnect()
    await rm(this.folder, { recursive: true })
  }
}

/** The next message of a process; its end is an error. */
async function answerOf<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`a process of the benchmark has ended with ${code}`)
  })
  const message = once(child, 'message', { signal: ended.signal }).then(([answer]) => answer as T)
  try {
    return await Promise.race([message, exit])
  } finally {
    ended.abort()
    await Promise.allSettled([exit, message])
  }
}
