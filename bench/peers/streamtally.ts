import { lambdaHandler } from '../../consumers/adapters/lambda-handler.ts'
import { kinesisRecords } from '../../consumers/sources/kinesis.ts'
import { adViews } from '../ad-events.ts'
import { functionEnvironment } from './function-environment.ts'
import { lambdaContext } from './lambda-context.ts'
import type { OpenPeer } from './peer.ts'

/** The handler of this project, as it is deployed. */
export const openStreamtally: OpenPeer = async ({ campaignOf, ...places }) => {
  Object.assign(process.env, functionEnvironment(places))
  const handler = await lambdaHandler(adViews(campaignOf), kinesisRecords)
  return { handle: (event) => handler(event, lambdaContext()), close: () => {} }
}
