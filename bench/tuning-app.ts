import { App } from 'aws-cdk-lib'
import { flights } from '../consumers/flights/pipeline.ts'
import { StreamProcessingStack } from '../infra/stream-processing-stack.ts'

/** The stack of the one pipeline that is measured. */
const app = new App()
new StreamProcessingStack(app, 'streamtally-bench', {
  streams: [{ name: 'flights', pipelines: [flights] }],
  shardCount: 4,
  parallelizationFactor: 1,
  momentoCacheName: 'streamtally',
})
app.synth()
