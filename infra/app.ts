import { App } from 'aws-cdk-lib'
import { streams, tables } from '../consumers/pipelines.ts'
import { StreamProcessingStack } from './stream-processing-stack.ts'
import { tune } from './tuning/tune.ts'

// What the demo sends, with some 300 airports as keys, and what a batch takes on a busy laptop: `npm run tune -- --measure`.
const tuning = tune({
  meanRecordsPerSecond: 200,
  peakRecordsPerSecond: 1_000,
  recordBytes: 150,
  partitionKeys: 300,
  batchMs: 20,
  recordMs: 0.15,
  lagTargetMs: 5_000,
  // As many as each pipeline has buckets.
  shardCount: 4,
  readers: 2,
})

const app = new App()
new StreamProcessingStack(app, 'streamtally-dev', {
  description: 'Exact live numbers from streams',
  streams,
  tables,
  shardCount: tuning.shardCount,
  parallelizationFactor: tuning.parallelizationFactor,
  batchSize: tuning.batchSize,
  momentoCacheName: 'streamtally',
})
app.synth()
