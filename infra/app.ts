import { App } from 'aws-cdk-lib'
import { StreamProcessingStack } from './stream-processing-stack.ts'

const app = new App()
new StreamProcessingStack(app, 'streamtally-dev', {
  description: 'Exact live numbers from streams',
  shardCount: 4,
  parallelizationFactor: 2,
  momentoCacheName: 'streamtally',
})
app.synth()
