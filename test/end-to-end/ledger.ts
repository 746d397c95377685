import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CacheGet, CredentialProvider } from '@gomomento/sdk'
import { momentoCellStore } from '../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../consumers/adapters/momento-clients.ts'
import { read } from '../../consumers/engine/read.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { compare, type ReadRow } from '../../demo/compare.ts'
import { findRejects, missingRejects } from '../../demo/failed-records.ts'
import { readJournal } from '../../demo/journal.ts'
import { runScript } from '../../demo/processes.ts'
import { recountAll } from '../../demo/recount.ts'
import type { LocalStack } from '../../local/main.ts'

const cacheName = 'streamtally'
const duplicateShare = 0.05
const garbageRecords = 5

/** All that several tests sent to one stack, and what the stack should have made of it. */
export interface Ledger {
  /** Sends departures with repeats and rubbish among them; resolves with the readable records sent. */
  send(departures: number): Promise<number>
  /** Compares everything read back with a recount of everything sent so far: one line a difference. */
  differences(): Promise<string[]>
  /** What the consumer that increments blindly has counted so far. */
  blindCount(): Promise<number>
  close(): Promise<void>
}

/** An empty ledger of a stack that has counted nothing yet. */
export async function openLedger(stack: LocalStack): Promise<Ledger> {
  const directory = await mkdtemp(join(tmpdir(), 'ledger-'))
  const all = join(directory, 'all.ndjson')
  const options = {
    environment: stack.environment,
    signal: new AbortController().signal,
    onTalk: () => undefined,
  }
  const startedMs = Date.now()
  let sendings = 0

  const clients = new MomentoClients(async () => CredentialProvider.forMomentoLocal(stack.momento))
  const store = momentoCellStore(clients, cacheName)
  const clock = { nowMs: () => Date.now() }
  const readBack = async (grouping: 'origin' | 'route'): Promise<ReadRow[]> => {
    const request = { grouping, from: startedMs, to: Date.now(), consistency: 'consistent' } as const
    const { rows, failures } = await read(flights, store, clock, request)
    if (failures.length > 0) throw new Error(`reading back failed: ${failures.join(', ')}`)
    return JSON.parse(JSON.stringify(rows)) as ReadRow[]
  }

  return {
    async send(departures) {
      const journal = join(directory, `${sendings++}.ndjson`)
      const to = ['--stream', stack.outputs['FlightsStreamName'] ?? '', '--journal', journal]
      const what = ['--limit', departures, '--duplicates', duplicateShare, '--garbage', garbageRecords]
      await runScript('produce', ['flights', ...to, ...what.map(String)], options)
      await appendFile(all, await readFile(journal))
      const { departures: sent, duplicatesSent } = await readJournal(journal)
      return sent.length + duplicatesSent
    },

    async differences() {
      const { departures, garbage } = await readJournal(all)
      if (departures.length === 0) return ['nothing was sent']
      const bucket = stack.outputs['FailedRecordsBucketName'] ?? ''
      const [origin, route, rejects] = await Promise.all([
        readBack('origin'),
        readBack('route'),
        findRejects(bucket, flights.name, stack.environment),
      ])
      const { mismatches } = compare({ origin, route }, recountAll(departures).flights)
      return [...mismatches, ...missingRejects(rejects, garbage)]
    },

    async blindCount() {
      const client = await clients.get('consistent')
      const answer = await client.get(cacheName, 'blind')
      if (answer instanceof CacheGet.Error) throw answer
      return answer instanceof CacheGet.Hit ? Number(answer.valueString()) : 0
    },

    async close() {
      await clients.close()
      await rm(directory, { recursive: true })
    },
  }
}
