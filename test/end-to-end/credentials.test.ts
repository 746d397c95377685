import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { momentoCellStore } from '../../consumers/adapters/momento-cell-store.ts'
import { MomentoClients } from '../../consumers/adapters/momento-clients.ts'
import { fetchMomentoCredentials } from '../../consumers/adapters/secrets.ts'
import { read } from '../../consumers/engine/read.ts'
import { flights } from '../../consumers/flights/pipeline.ts'
import { environmentVariable } from '../../consumers/settings.ts'
import { readAssembly } from '../../local/deploy/assembly.ts'
import { planDeployment } from '../../local/deploy/plan.ts'
import { systemClock } from '../../local/event-source-mapping/clock.ts'
import { EventSourceMapping } from '../../local/event-source-mapping/mapping.ts'
import { LambdaFunction } from '../../local/lambda/lambda-function.ts'
import { startMomento } from '../../local/momento/server.ts'
import { startSecretsManager } from '../../local/services/secrets-manager.ts'
import { type SynthesisedApp, synthesise } from '../../local/synthesise.ts'
import { stubAwsEnvironment } from '../consumers/adapters/aws-environment.ts'
import { MemorySource } from '../local/event-source-mapping/memory-source.ts'

const shard = 'shardId-000000000000'
const recordsAtOnce = 20

let app: SynthesisedApp
beforeAll(async () => {
  app = await synthesise()
})
afterAll(() => app.remove())

/** The bundled function behind a mapping with one lane, and a Momento that asks for a key. */
async function startFlights() {
  const plan = planDeployment(await readAssembly(app.directory))
  const name = plan.outputs['FlightsFunctionName'] ?? ''
  const configuration = plan.functions.find(({ functionName }) => functionName === name)
  const planned = plan.mappings.find(({ functionName }) => functionName === name)
  if (configuration === undefined || planned === undefined) throw new Error('no flights in the template')
  const cache = configuration.environment[environmentVariable.momentoCacheName] ?? ''
  const secretArn = configuration.environment[environmentVariable.momentoSecretArn] ?? ''

  const apiKeys = new Set<string>()
  const momento = await startMomento({ caches: [cache], apiKeys })
  const { hostname, port } = momento
  const secret = { apiKey: '', fetches: 0 }
  const watched = {
    name: 'momento',
    get secretString() {
      secret.fetches++
      return JSON.stringify({ momentoLocal: { hostname, port, apiKey: secret.apiKey } })
    },
  }
  const secretsManager = await startSecretsManager({ secrets: new Map([[secretArn, watched]]) })
  const lambda = new LambdaFunction(configuration, {
    onLog: () => undefined,
    extraEnvironment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.endpoint },
  })
  const source = new MemorySource([shard], systemClock, { pollIntervalMs: 10 })
  const mapping = new EventSourceMapping({
    source,
    invoke: (payload, { requestId }) => lambda.invoke(payload, { requestId }),
    properties: {
      ...planned.properties,
      parallelizationFactor: 1,
      maximumBatchingWindowMs: 0,
    },
    clock: systemClock,
    random: Math.random,
  })
  mapping.start()
  return {
    apiKeys,
    secret,
    momento,
    lambda,
    mapping,
    cache,
    secretArn,
    secretsEndpoint: secretsManager.endpoint,
    send: (run: string): void => {
      for (let index = 0; index < recordsAtOnce; index++) {
        const flight = { flightId: `${run} ${index}`, sentAt: Date.now(), origin: 'JFK', destination: 'LAX' }
        const data = Buffer.from(JSON.stringify({ ...flight, distance: 2_475, delay: index }))
        source.put(shard, 'JFK', { data })
      }
    },
    close: async (): Promise<void> => {
      await mapping.stop()
      await lambda.close()
      await secretsManager.close()
      await momento.close()
    },
  }
}

test('a key that was changed is fetched once by a warm environment, and again only after a while; all is counted once', async () => {
  const startedMs = Date.now()
  const { apiKeys, secret, momento, lambda, mapping, send, ...rest } = await startFlights()
  const change = (apiKey: string): void => {
    secret.apiKey = apiKey
    apiKeys.clear()
    apiKeys.add(apiKey)
  }
  const seen = () => ({
    fetches: secret.fetches,
    connections: momento.counters().connections,
    coldStarts: lambda.stats().coldStarts,
  })
  try {
    change('first')
    send('first')
    await mapping.drained()
    expect(seen()).toEqual({ fetches: 1, connections: 1, coldStarts: 1 })
    expect(momento.counters().unauthenticated).toBe(0)

    change('second')
    send('second')
    await mapping.drained()
    // The client for writes was made anew once. The other two are the one for consistent reads, which an attempt after a
    // failure makes, and the one that the SDK opens to close the old client.
    const afterRenewal = { fetches: 2, connections: 4, coldStarts: 1 }
    await expect.poll(seen).toEqual(afterRenewal)
    expect(momento.counters().unauthenticated).toBe(1)

    change('third')
    send('third')
    await expect.poll(() => momento.counters().unauthenticated).toBeGreaterThan(4)
    expect(seen()).toEqual(afterRenewal)
    apiKeys.add('second')
    await mapping.drained()
    expect(seen()).toEqual(afterRenewal)

    stubAwsEnvironment({ secretsManager: rest.secretsEndpoint })
    const clients = new MomentoClients(() => fetchMomentoCredentials(rest.secretArn))
    const { rows } = await read(flights, momentoCellStore(clients, rest.cache), systemClock, {
      grouping: 'origin',
      key: 'JFK',
      from: startedMs,
      to: Date.now(),
      consistency: 'consistent',
    })
    await clients.close()
    expect(rows.reduce((sum, { values }) => sum + values.departures, 0)).toBe(3 * recordsAtOnce)
    expect(rows.every(({ complete, lossy }) => complete && !lossy)).toBe(true)
  } finally {
    vi.unstubAllEnvs()
    await rest.close()
  }
}, 40_000)
