import { CacheClient, Configurations, CredentialProvider, NoopMomentoLoggerFactory } from '@gomomento/sdk'
import type { PeerSurroundings } from './peer.ts'

const timeToLiveSeconds = 3_600

/**
 * The client that the project's own handler has, but for the deadline: a peer has thousands of requests under way, and
 * none is to fail because it waited for its turn.
 */
export function momentoClient({ momento }: PeerSurroundings, deadlineMs = 60_000): CacheClient {
  return new CacheClient({
    configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(
      deadlineMs,
    ),
    credentialProvider: CredentialProvider.forMomentoLocal(momento),
    defaultTtlSeconds: timeToLiveSeconds,
  })
}
