import { join } from 'node:path'
import { App, CfnOutput } from 'aws-cdk-lib'
import { flights } from '../../consumers/flights/pipeline.ts'
import { StreamConsumer } from '../../infra/constructs/stream-consumer.ts'
import { streamSource } from '../../infra/sources.ts'
import { StreamProcessingStack } from '../../infra/stream-processing-stack.ts'

/** The stack of one pipeline, and beside it on the same stream a consumer that counts by blind increments. */
const app = new App()
const momentoCacheName = 'streamtally'
// Small batches make many writes, and so many places to be cut off.
const batchSize = 200
const stack = new StreamProcessingStack(app, 'streamtally-test', {
  streams: [{ name: 'flights', pipelines: [flights] }],
  shardCount: 4,
  parallelizationFactor: 2,
  momentoCacheName,
  batchSize,
})
const flightsStream = stack.streams.get('flights')
if (flightsStream === undefined) throw new Error('flights have no stream')
const control = new StreamConsumer(stack, 'Control', {
  pipeline: { ...flights, name: 'control' },
  entry: join(import.meta.dirname, 'blind-increment.ts'),
  source: streamSource(flightsStream),
  momentoSecret: stack.momentoSecret,
  momentoCacheName,
  failedRecords: stack.failedRecords,
  parallelizationFactor: 1,
  batchSize,
})
new CfnOutput(stack, 'ControlFunctionName', { value: control.handler.functionName })
app.synth()
