import { CacheClient, CacheGet, Configurations, CredentialProvider } from '@gomomento/sdk'

/** The least that a function with the Momento SDK loads. */
export async function start(): Promise<() => Promise<void>> {
  const { hostname, port, cacheName } = JSON.parse(process.argv[3] ?? '') as {
    hostname: string
    port: number
    cacheName: string
  }
  const client = await CacheClient.create({
    configuration: Configurations.Lambda.latest(),
    credentialProvider: CredentialProvider.forMomentoLocal({ hostname, port }),
    defaultTtlSeconds: 60,
  })
  return async () => {
    const answer = await client.get(cacheName, 'nothing')
    if (!(answer instanceof CacheGet.Miss)) throw new Error('Momento did not answer')
  }
}
