import { LambdaClient } from '@aws-sdk/client-lambda'
import type { EventSourceMapping } from '../../../../local/event-source-mapping/mapping.ts'
import type { MappingProperties } from '../../../../local/event-source-mapping/properties.ts'
import { LambdaFunction } from '../../../../local/lambda/lambda-function.ts'
import { ControlledMapping } from '../../../../local/services/lambda/controlled-mapping.ts'
import { startLambdaServer } from '../../../../local/services/lambda/server.ts'
import type { DiscardedBatch } from '../../../../local/event-source-mapping/discarded-batch.ts'
import { defaultProperties } from '../../event-source-mapping/default-properties.ts'
import { configurationOf } from '../../lambda/function-configuration-fixture.ts'

export const START_MS = 1_700_000_000_000
const REGION = 'eu-west-1'
const ACCOUNT_ID = '000000000000'

/** The ARN of a function of that name. */
export function functionArn(name: string): string {
  return `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${name}`
}

/** A server, a real client of it that does not retry, and what tests put behind it. Functions without processes. */
export async function startTestLambda() {
  const functions = new Map<string, LambdaFunction>()
  const mappings = new Map<string, ControlledMapping>()
  const reported: DiscardedBatch[] = []
  const server = await startLambdaServer({
    region: REGION,
    accountId: ACCOUNT_ID,
    functions,
    mappings,
    deployedMs: START_MS,
    nowMs: () => START_MS + 1_000,
    reportFailuresTo: (arn) => {
      if (arn !== 'arn:aws:s3:::failed') throw new Error(`there is no bucket ${arn}`)
      return async (batch) => void reported.push(batch)
    },
  })
  const client = new LambdaClient({
    endpoint: server.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  return {
    client,
    endpoint: server.endpoint,
    functions,
    mappings,
    reported,
    addFunction: (name: string, lambda = processless(name)) => functions.set(name, lambda),
    addMapping: (
      mapping: EventSourceMapping,
      properties: Partial<MappingProperties> = {},
      streamArn = 'arn:aws:kinesis:eu-west-1:000000000000:stream/flights',
    ): string => {
      const all = { ...defaultProperties, ...properties }
      mappings.set(
        all.uuid,
        new ControlledMapping({
          mapping,
          streamArn,
          properties: all,
          isEnabled: true,
          destinationArn: undefined,
          nowMs: START_MS,
        }),
      )
      return all.uuid
    },
    close: async () => {
      client.destroy()
      await server.close()
    },
  }
}

function processless(functionName: string): LambdaFunction {
  const names = { functionName, functionArn: functionArn(functionName) }
  return new LambdaFunction(configurationOf('/code', names), { onLog: () => undefined })
}
