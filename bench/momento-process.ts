import { startMomento } from '../local/momento/server.ts'
import { startSecretsManager } from '../local/services/secrets-manager.ts'
import { seededRandom } from '../producers/lib/seeded-random.ts'
import type { MomentoFaults } from '../local/momento/faults.ts'

// A local Momento in a process of its own, with the secret that leads to it: its work is not the function's. It answers
// each message with its counters; what the message holds are the rates of the faults from then on.

const cacheName = 'bench'
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:momento-AbCdEf'

const momento = await startMomento({ caches: [cacheName], random: seededRandom(1) })
const { hostname, port } = momento
const secretString = JSON.stringify({ momentoLocal: { hostname, port } })
const secretsManager = await startSecretsManager({
  secrets: new Map([[secretArn, { name: 'momento', secretString }]]),
})
process.on('message', (request: MomentoFaults | { readonly stopAfter: number }) => {
  if ('stopAfter' in request) stopAfter(request.stopAfter)
  else {
    momento.setFaults(request)
    process.send?.(momento.counters())
  }
})
function stopAfter(calls: number): void {
  let left = calls
  momento.setFaults({
    onApplied: async () => {
      left--
      if (left === 0) process.send?.('stopped')
      // Whoever waits for it is about to be killed.
      if (left <= 0) await new Promise(() => {})
    },
  })
}
process.once('disconnect', () => {
  void momento.close()
  void secretsManager.close()
})
process.send?.({
  momento: { hostname, port },
  cacheName,
  secretsEndpoint: secretsManager.endpoint,
  secretArn,
})
