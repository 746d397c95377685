import { lambdaHandler } from '../../consumers/adapters/lambda-handler.ts'
import { environmentVariable } from '../../consumers/settings.ts'
import { kinesisRecords } from '../../consumers/sources/kinesis.ts'
import { adViews } from '../ad-events.ts'
import { lambdaContext } from './lambda-context.ts'
import type { OpenPeer } from './peer.ts'

/** The handler of this project, as it is deployed. */
export const openStreamtally: OpenPeer = async ({ campaignOf, cacheName, secretsEndpoint, secretArn }) => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsEndpoint,
    [environmentVariable.momentoSecretArn]: secretArn,
    [environmentVariable.momentoCacheName]: cacheName,
    [environmentVariable.failedRecordsBucket]: 'nothing-is-rejected',
    [environmentVariable.metricsNamespace]: 'bench',
  })
  const handler = await lambdaHandler(adViews(campaignOf), kinesisRecords)
  return { handle: (event) => handler(event, lambdaContext()), close: () => {} }
}
