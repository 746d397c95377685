import { Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { stages } from '../../infra/stages.ts'
import { allOptions, appWithFlags, stackOf } from './synthesised.ts'

/** The rules of AWS's own solutions; the CDK's rules of templates are checked by `cdk synth`, as they take seconds. */
describe('AWS Solutions finds nothing that is not answered with a reason', () => {
  beforeEach(() => {
    vi.stubEnv('CDK_VALIDATION', 'false')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    // A synthesis that finds something says so by the exit code of its process too.
    process.exitCode = undefined
  })

  it.each([...Object.entries(stages), ['every option', allOptions] as const])('in %s', (_name, stage) => {
    const app = appWithFlags()
    stackOf(stage, app)
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).not.toThrow()
  })

  it('and would find a bucket that takes requests without TLS', () => {
    const app = appWithFlags()
    new Bucket(stackOf('dev', app), 'Open')
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
    expect(() => app.synth()).toThrow('AwsSolutions-S10')
  })
})
