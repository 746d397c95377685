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

export type PeerName = keyof typeof peers

/** What a contestant is told when it starts. */
export interface ContestantOptions extends Omit<PeerSurroundings, 'campaignOf'> {
  readonly peer: PeerName
  readonly campaigns: number
  readonly seed: number
  readonly fromMs: number
}

/** So many batches, one after the other. */
export interface SampleRequest {
  readonly batches: number
  readonly batchRecords: number
}

export interface Sample {
  /** User and system time of the process, collecting garbage and compiling included. */
  readonly cpuUs: number
  readonly wallMs: number
  /** In use after a collection once the batches are gone. */
  readonly heapBytes: number
}

if (process.send !== undefined) await run(JSON.parse(process.argv[2] ?? '') as ContestantOptions)

async function run({ peer, campaigns, seed, fromMs, ...places }: ContestantOptions): Promise<void> {
  const open = await peers[peer]()
  const { handle, close } = await open({ ...places, campaignOf: campaignsByAd(campaigns) })
  const events = new AdEvents({ seed, campaigns, fromMs })

  const measure = async ({ batches, batchRecords }: SampleRequest): Promise<Omit<Sample, 'heapBytes'>> => {
    const prepared = Array.from({ length: batches }, () => events.batch(batchRecords))
    globalThis.gc?.()
    const startMs = performance.now()
    const before = process.cpuUsage()
    for (const batch of prepared) {
      const answer = await handle(batch)
      if (JSON.stringify(answer).includes('itemIdentifier'))
        throw new Error(`${peer} has left records unfinished`)
    }
    const { user, system } = process.cpuUsage(before)
    return { cpuUs: user + system, wallMs: performance.now() - startMs }
  }
  const take = async (request: SampleRequest): Promise<Sample> => {
    const measured = await measure(request)
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return { ...measured, heapBytes: heapUsed + arrayBuffers }
  }
  process.on('message', (request: SampleRequest) => {
    void take(request).then((sample) => process.send?.(sample))
  })
  process.once('disconnect', close)
  process.send?.('ready')
}
