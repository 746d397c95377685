import { RemovalPolicy } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { expect, it } from 'vitest'
import { MomentoSecret, type MomentoSecretProps } from '../../../infra/constructs/momento-secret.ts'
import { SynthesisedTemplate } from '../synthesised.ts'
import { testStack } from './consumer-fixture.ts'

function secretWith(props: MomentoSecretProps = {}) {
  const stack = testStack()
  new MomentoSecret(stack, 'Secret', props)
  return new SynthesisedTemplate(Template.fromStack(stack)).resource('Secret')
}

const kept = secretWith()

it('says in its description what belongs into it, and holds nothing of it', () => {
  expect(kept.Properties['Description']).toContain('{"apiKey": "...", "endpoint": "..."}')
  expect(kept.Properties).not.toHaveProperty('SecretString')
})

it('stays unless it is to go', () => {
  expect(kept.DeletionPolicy).toBe('RetainExceptOnCreate')
  expect(secretWith({ removalPolicy: RemovalPolicy.DESTROY }).DeletionPolicy).toBe('Delete')
})

it.each([
  ['the key that it is encrypted with', true],
  ['no key where it has none', false],
])('lets a role read its value and use %s, and nothing else', (_what, hasKey) => {
  const stack = testStack()
  const secret = new MomentoSecret(stack, 'Secret', {
    ...(hasKey && { encryptionKey: new Key(stack, 'Key') }),
  })
  secret.grantValue(new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }))
  const policy = new SynthesisedTemplate(Template.fromStack(stack)).properties('RoleDefaultPolicy')
  const value = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '{Secret}' }
  const key = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '{Key.Arn}' }
  expect(policy['PolicyDocument']).toMatchObject({ Statement: hasKey ? [value, key] : [value] })
})
