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
