import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningService } from '../../../local/services/aws-json-server.ts'
import type { LocalSecret } from '../../../local/services/secrets-manager.ts'
import { startSecretsManager } from '../../../local/services/secrets-manager.ts'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:momento-AbCdEf'

const secrets = new Map<string, LocalSecret>([[ARN, { name: 'momento', secretString: '{"apiKey":"k"}' }]])
let server: RunningService
let client: SecretsManagerClient

beforeAll(async () => {
  server = await startSecretsManager({ secrets })
  client = new SecretsManagerClient({
    endpoint: server.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
})

afterAll(async () => {
  client.destroy()
  await server.close()
})

test.each(['momento', ARN])('a secret is found by %s', async (id) => {
  const {
    ARN: arn,
    Name,
    SecretString,
    VersionStages,
  } = await client.send(new GetSecretValueCommand({ SecretId: id }))
  expect({ arn, Name, SecretString, VersionStages }).toEqual({
    arn: ARN,
    Name: 'momento',
    SecretString: '{"apiKey":"k"}',
    VersionStages: ['AWSCURRENT'],
  })
})

test('an unknown secret is not found, in the words of the service', async () => {
  await expect(client.send(new GetSecretValueCommand({ SecretId: 'other' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  })
})

test('only the current version is found', async () => {
  const { VersionId } = await client.send(new GetSecretValueCommand({ SecretId: ARN }))
  const current = { SecretId: ARN, VersionId, VersionStage: 'AWSCURRENT' }
  await expect(client.send(new GetSecretValueCommand(current))).resolves.toMatchObject({ VersionId })
  const previous = { SecretId: ARN, VersionStage: 'AWSPREVIOUS' }
  await expect(client.send(new GetSecretValueCommand(previous))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
  })
})

test('a change of the secret shows at the next read, with another version', async () => {
  const command = new GetSecretValueCommand({ SecretId: 'late' })
  secrets.set(`${ARN}2`, { name: 'late', secretString: 'one' })
  const first = await client.send(command)
  secrets.set(`${ARN}2`, { name: 'late', secretString: 'two' })
  const second = await client.send(command)
  expect([first.SecretString, second.SecretString]).toEqual(['one', 'two'])
  expect(first.VersionId).not.toBe(second.VersionId)
})

test('an empty secret id is invalid, not absent', async () => {
  await expect(client.send(new GetSecretValueCommand({ SecretId: '' }))).rejects.toMatchObject({
    name: 'ValidationException',
  })
})
