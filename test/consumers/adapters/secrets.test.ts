import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fetchMomentoCredentials } from '../../../consumers/adapters/secrets.ts'
import type { RunningService } from '../../../local/services/aws-json-server.ts'
import { type LocalSecret, startSecretsManager } from '../../../local/services/secrets-manager.ts'
import { stubAwsEnvironment } from './aws-environment.ts'

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:momento-AbCdEf'
/** Stands in every secret below that is refused, and may stand in no error. */
const confidential = 'c0nf1dent1al'

const secrets = new Map<string, LocalSecret>()
let server: RunningService
beforeAll(async () => {
  server = await startSecretsManager({ secrets })
  stubAwsEnvironment({ secretsManager: server.endpoint })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** A token of three parts, of which only the second, its claims, matters here. */
function token(claims: string): string {
  return `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(claims).toString('base64url')}.c2lnbmF0dXJl`
}

function fetched(secretString: string): ReturnType<typeof fetchMomentoCredentials> {
  secrets.set(arn, { name: 'momento', secretString })
  return fetchMomentoCredentials(arn)
}

describe('the forms of a secret', () => {
  test('an API key with its endpoint', async () => {
    const apiKey = token('{"t":"g"}')
    const credentials = await fetched(JSON.stringify({ apiKey, endpoint: 'cell-1.prod.a.momentohq.com' }))
    expect(credentials.getAuthToken()).toBe(apiKey)
    expect(credentials.getCacheEndpoint()).toBe('cache.cell-1.prod.a.momentohq.com')
    expect(credentials.isCacheEndpointSecure()).toBe(true)
  })

  test('an older token, which carries its endpoint', async () => {
    const older = base64(JSON.stringify({ api_key: 'key', endpoint: 'cell-1.prod.a.momentohq.com' }))
    const credentials = await fetched(JSON.stringify({ MOMENTO_AUTH_TOKEN: older }))
    expect(credentials.getAuthToken()).toBe('key')
    expect(credentials.getCacheEndpoint()).toBe('cache.cell-1.prod.a.momentohq.com')
  })

  test('a local server, without TLS or key', async () => {
    const credentials = await fetched('{"momentoLocal":{"hostname":"127.0.0.1","port":7}}')
    expect(credentials.getCacheEndpoint()).toBe('127.0.0.1:7')
    expect(credentials.isCacheEndpointSecure()).toBe(false)
  })

  test('a local server that asks for a key, without TLS', async () => {
    const credentials = await fetched('{"momentoLocal":{"hostname":"127.0.0.1","port":7,"apiKey":"k-1"}}')
    expect(credentials.getAuthToken()).toBe('k-1')
    expect(credentials.getCacheEndpoint()).toBe('127.0.0.1:7')
    expect(credentials.getControlEndpoint()).toBe('127.0.0.1:7')
    expect(credentials.isCacheEndpointSecure()).toBe(false)
  })

  test('a secret is fetched anew at every call, so that a rotated one is found', async () => {
    await fetched('{"momentoLocal":{"hostname":"127.0.0.1","port":7}}')
    const rotated = await fetched('{"momentoLocal":{"hostname":"127.0.0.1","port":8}}')
    expect(rotated.getCacheEndpoint()).toBe('127.0.0.1:8')
  })
})

describe('a secret that is none of these is refused by name and never quoted', () => {
  test.each([
    ['no JSON', confidential],
    ['cut JSON', `{"apiKey":"${confidential}`],
    ['a text', JSON.stringify(confidential)],
    ['null', 'null'],
    ['a list', JSON.stringify([confidential])],
    ['a key without an endpoint', JSON.stringify({ apiKey: confidential })],
    ['a key that is empty', JSON.stringify({ apiKey: '', endpoint: confidential })],
    ['a key that is a number', JSON.stringify({ apiKey: 7, endpoint: confidential })],
    ['a key that is no token', JSON.stringify({ apiKey: confidential, endpoint: 'momentohq.com' })],
    [
      'a key whose claims are no JSON',
      JSON.stringify({ apiKey: token(confidential), endpoint: 'momentohq.com' }),
    ],
    ['a token that is no token', JSON.stringify({ MOMENTO_AUTH_TOKEN: `${confidential}.` })],
    ['a token whose claims are no JSON', JSON.stringify({ MOMENTO_AUTH_TOKEN: token(confidential) })],
    ['a token of base64 that is no JSON', JSON.stringify({ MOMENTO_AUTH_TOKEN: base64(confidential) })],
    [
      'a local server whose key is empty',
      JSON.stringify({ momentoLocal: { hostname: confidential, port: 7, apiKey: '' } }),
    ],
    ['a local server without a port', JSON.stringify({ momentoLocal: { hostname: confidential } })],
  ])('%s', async (_, secretString) => {
    const failure: unknown = await fetched(secretString).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).toMatchObject({ message: expect.stringContaining(`secret ${arn} is not`) })
    for (let error = failure; error instanceof Error; error = error.cause) {
      expect(`${error.message} ${error.stack}`).not.toContain(confidential)
    }
  })
})

test('a secret that does not exist is the service’s error', async () => {
  await expect(fetchMomentoCredentials(`${arn}0`)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})
