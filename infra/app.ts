import { App, Validations } from 'aws-cdk-lib'
import { streams, tables } from '../consumers/pipelines.ts'
import { stageName, stages } from './stages.ts'
import { StreamProcessingStack } from './stream-processing-stack.ts'

const app = new App()
const stage = stageName(app.node.tryGetContext('stage'))
const name = `streamtally-${stage}`
new StreamProcessingStack(app, name, {
  description: `Exact live numbers from streams, ${stage}`,
  streams,
  tables,
  // Stages never share a cache: they would count into the same cells.
  momentoCacheName: name,
  // Of the stack: CloudFormation puts them on everything that takes any.
  tags: { project: 'streamtally', stage },
  ...stages[stage],
})
// The same variable switches off the CDK's own rules: where only the template is wanted, both take too long.
if (process.env['CDK_VALIDATION'] !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
}
app.synth()
