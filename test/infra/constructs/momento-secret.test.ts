import { RemovalPolicy } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { expect, it } from 'vitest'
import { MomentoSecret, type MomentoSecretProps } from '../../../infra/constructs/momento-secret.ts'
import { SynthesisedTemplate } from '../synthesised.ts'
import { testStack } from './consumer-fixture.ts'

function secretWith(props: MomentoSecretProps = {}) {
  const stack = testStack()
  new MomentoSecret(stack, 'Secret', props)
  return new SynthesisedTemplate(Template.fromStack(stack)).resource('Secret')
}

it('says in its description what belongs into it, and holds nothing of it', () => {
  const { Properties } = secretWith()
  expect(Properties['Description']).toContain('{"apiKey": "...", "endpoint": "..."}')
  expect(Properties).not.toHaveProperty('SecretString')
})

it('stays unless it is to go', () => {
  expect(secretWith().DeletionPolicy).toBe('Retain')
  expect(secretWith({ removalPolicy: RemovalPolicy.DESTROY }).DeletionPolicy).toBe('Delete')
})
