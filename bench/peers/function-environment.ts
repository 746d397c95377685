import { environmentVariable } from '../../consumers/settings.ts'
import type { PeerSurroundings } from './peer.ts'

/** The variables of a function of this project that runs in a benchmark. */
export function functionEnvironment({
  cacheName,
  secretsEndpoint,
  secretArn,
}: Pick<PeerSurroundings, 'cacheName' | 'secretsEndpoint' | 'secretArn'>): Record<string, string> {
  return {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsEndpoint,
    [environmentVariable.momentoSecretArn]: secretArn,
    [environmentVariable.momentoCacheName]: cacheName,
    [environmentVariable.failedRecordsBucket]: 'nothing-is-rejected',
    [environmentVariable.metricsNamespace]: 'bench',
  }
}
