import { CredentialProvider } from '@gomomento/sdk'
import { onTestFinished } from 'vitest'
import { MomentoClients } from '../../../consumers/adapters/momento-clients.ts'
import { type MomentoOptions, type MomentoServer, startMomento } from '../../../local/momento/server.ts'

export const cacheName = 'cells'

/** A server with the cache, until the test has ended. */
export async function useMomentoServer(options: MomentoOptions = {}): Promise<MomentoServer> {
  const server = await startMomento({ caches: [cacheName], ...options })
  onTestFinished(() => server.close())
  return server
}

/** Clients of a server on that port, until the test has ended. */
export function useClients({ port }: { readonly port: number }): MomentoClients {
  return closing(new MomentoClients(async () => credentialsFor(port)))
}

/** The same clients, closed when the test has ended. */
export function closing(clients: MomentoClients): MomentoClients {
  onTestFinished(() => clients.close())
  return clients
}

/** Credentials of a local server. */
export function credentialsFor(port: number): CredentialProvider {
  return CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port })
}
