import { App } from 'aws-cdk-lib'
import { streams, tables } from '../consumers/pipelines.ts'
import { StreamProcessingStack } from './stream-processing-stack.ts'

const app = new App()
new StreamProcessingStack(app, 'streamtally-dev', {
  description: 'Exact live numbers from streams',
  streams,
  tables,
  shardCount: 4,
  // Enough for a small stream; on a laptop each lane more is an environment more to start, for each function.
  parallelizationFactor: 1,
  momentoCacheName: 'streamtally',
})
app.synth()
