import { CacheClient, Configurations, CredentialProvider, NoopMomentoLoggerFactory } from '@gomomento/sdk'

type ClientProps = ConstructorParameters<typeof CacheClient>[0]

/** Where a server listens. */
export interface Address {
  readonly hostname: string
  readonly port: number
}

/** The settings of a client as a Lambda function has it, without the default logger, which writes to stdout. */
export function quietClientProps({ hostname, port }: Address, defaultTtlSeconds = 60): ClientProps {
  return {
    configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()),
    credentialProvider: CredentialProvider.forMomentoLocal({ hostname, port }),
    defaultTtlSeconds,
  }
}

/** A client that connects with its first call; the caller closes it. */
export function quietClient(address: Address, defaultTtlSeconds?: number): CacheClient {
  return new CacheClient(quietClientProps(address, defaultTtlSeconds))
}

/** A client that carries an API key, as one of the real service does, without TLS; the caller closes it. */
export function keyedClient(address: Address, apiKey: string): CacheClient {
  const endpoint = `${address.hostname}:${address.port}`
  return new CacheClient({
    ...quietClientProps(address),
    credentialProvider: CredentialProvider.fromString({
      apiKey: Buffer.from(JSON.stringify({ api_key: apiKey, endpoint })).toString('base64'),
      endpointOverrides: {
        cacheEndpoint: endpoint,
        controlEndpoint: endpoint,
        tokenEndpoint: endpoint,
        secureConnection: false,
      },
    }),
  })
}

/** A response in one word: the code of an error, else its type (`Hit`, `Miss`, `Stored`, ...). */
export function outcome(response: { readonly type: string; errorCode?(): string }): string {
  return response.errorCode?.() ?? response.type
}

/** The length that a response has, if it is a hit. */
export function lengthOf(response: {
  readonly type: string
  length?(): number | undefined
}): number | undefined {
  return response.length?.()
}
