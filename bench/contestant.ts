import { setTimeout } from 'node:timers/promises'
import type { KinesisStreamEvent } from 'aws-lambda'
import { AdEvents, campaignsByAd } from './ad-events.ts'
import { openFloor } from './peers/floor.ts'
import type { OpenPeer, PeerSurroundings } from './peers/peer.ts'

// One handler in a process of its own, fed with batches as the parent asks for them.

const peers = {
  floor: async () => openFloor,
  streamtally: async () => (await import('./peers/streamtally.ts')).openStreamtally,
  setIfAbsent: async () => (await import('./peers/set-if-absent.ts')).openSetIfAbsent,
  powertools: async () => (await import('./peers/powertools.ts')).openPowertools,
  tumbling: async () => (await import('./peers/tumbling.ts')).openTumbling,
} satisfies Record<string, () => Promise<OpenPeer>>

const settlingMs = 20

export type PeerName = keyof typeof peers

/** What a contestant is told when it starts. */
export interface ContestantOptions extends Omit<PeerSurroundings, 'campaignOf'> {
  readonly peer: PeerName
  readonly campaigns: number
  readonly seed: number
  readonly fromMs: number
  /** Default 0. */
  readonly repeatShare?: number
}

/** One batch of the seeded story, from a record on. */
export interface Delivery {
  readonly batch: number
  readonly batchRecords: number
  readonly from: number
  readonly state: Readonly<Record<string, number>>
  readonly isFinal: boolean
}

export interface Delivered {
  /** Index of the first record that is to come again. */
  readonly firstFailed: number | undefined
  readonly state: Readonly<Record<string, number>>
}

/** So many batches, one after the other. */
export interface SampleRequest {
  readonly batches: number
  readonly batchRecords: number
  /** Whether the heap is asked for, which takes full collections. Default not. */
  readonly isHeapAsked?: boolean
}

export interface Sample {
  /** User and system time of the process, collecting garbage and compiling included. */
  readonly cpuUs: number
  readonly wallMs: number
  /** In use after a collection once the batches are gone; 0 where it was not asked for. */
  readonly heapBytes: number
}

if (process.send !== undefined) await run(JSON.parse(process.argv[2] ?? '') as ContestantOptions)

async function run({
  peer,
  campaigns,
  seed,
  fromMs,
  repeatShare = 0,
  ...places
}: ContestantOptions): Promise<void> {
  const open = await peers[peer]()
  const handler = await open({ ...places, campaignOf: campaignsByAd(campaigns) })
  const events = new AdEvents({ seed, campaigns, fromMs, repeatShare })

  const measure = async ({ batches, batchRecords }: SampleRequest): Promise<Omit<Sample, 'heapBytes'>> => {
    const prepared = Array.from({ length: batches }, () => events.batch(batchRecords))
    // Not a full one: it would drop compiled code, which no function loses between two invocations.
    globalThis.gc?.({ type: 'minor' })
    const startMs = performance.now()
    const before = process.cpuUsage()
    let stateJson = '{}'
    for (const { Records } of prepared) {
      // The mapping hands back, as JSON, what it was given.
      const state = JSON.parse(stateJson) as Readonly<Record<string, number>>
      const answer = await handler.handle({ Records, state })
      if ((answer.batchItemFailures?.length ?? 0) > 0) throw new Error(`${peer} has left records unfinished`)
      stateJson = JSON.stringify(answer.state ?? {})
    }
    const { user, system } = process.cpuUsage(before)
    return { cpuUs: user + system, wallMs: performance.now() - startMs }
  }
  const take = async (request: SampleRequest): Promise<Sample> => {
    const measured = await measure(request)
    if (request.isHeapAsked !== true) return { ...measured, heapBytes: 0 }
    // What the last call left to be done, with what it holds, is to be gone.
    for (let turn = 0; turn < 3; turn++) {
      await setTimeout(settlingMs)
      globalThis.gc?.()
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return { ...measured, heapBytes: heapUsed + arrayBuffers }
  }
  const story: KinesisStreamEvent[] = []
  const deliver = async ({ batch, batchRecords, from, state, isFinal }: Delivery): Promise<Delivered> => {
    while (story.length <= batch) story.push(events.batch(batchRecords))
    const Records = story[batch]?.Records.slice(from) ?? []
    try {
      const answer = await handler.handle({ Records, state, isFinalInvokeForWindow: isFinal })
      const failures = new Set(answer.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier))
      const first = Records.findIndex(({ kinesis }) => failures.has(kinesis.sequenceNumber))
      return { firstFailed: first === -1 ? undefined : from + first, state: answer.state ?? {} }
    } catch {
      // A handler that throws has the whole of the batch delivered again.
      return { firstFailed: from, state }
    }
  }
  process.on('message', (request: SampleRequest | Delivery) => {
    void ('batches' in request ? take(request) : deliver(request)).then((answer) => process.send?.(answer))
  })
  process.once('disconnect', () => handler.close())
  process.send?.('ready')
}
