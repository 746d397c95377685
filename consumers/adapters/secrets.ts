import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { CredentialProvider } from '@gomomento/sdk'
import * as z from 'zod'

const requestTimeoutMs = 1_000
const attempts = 2

const secretSchema = z.union([
  z.object({ apiKey: z.string().min(1), endpoint: z.string().min(1) }),
  z.object({ MOMENTO_AUTH_TOKEN: z.string().min(1) }),
  z.object({
    momentoLocal: z.object({
      hostname: z.string().min(1),
      port: z.int().min(1),
      apiKey: z.string().min(1).optional(),
    }),
  }),
])

interface LocalMomento {
  readonly hostname: string
  readonly port: number
  readonly apiKey?: string | undefined
}

/**
 * The Momento credentials in a Secrets Manager secret: `{"apiKey", "endpoint"}`, the older `{"MOMENTO_AUTH_TOKEN"}`, or
 * `{"momentoLocal": {"hostname", "port"}}` for a server without TLS, with an `apiKey` where it asks for one. Fetched anew
 * at every call; each of two attempts has 1 second to connect and 1 second to be answered.
 * @throws Error that names the secret and never quotes it.
 */
export async function fetchMomentoCredentials(secretArn: string): Promise<CredentialProvider> {
  const client = new SecretsManagerClient({
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  })
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }))
    return toCredentials(secretArn, SecretString)
  } finally {
    client.destroy()
  }
}

function toCredentials(secretArn: string, secretString: string | undefined): CredentialProvider {
  // No error of a parser, a validator or the SDK leaves this function: they quote their input.
  const refusal = `secret ${secretArn} is not {"apiKey": "...", "endpoint": "cell-....momentohq.com"}`
  let json: unknown
  try {
    json = JSON.parse(secretString ?? '')
  } catch {
    throw new Error(refusal)
  }
  const parsed = secretSchema.safeParse(json)
  if (!parsed.success) throw new Error(refusal)
  const secret = parsed.data
  try {
    if ('momentoLocal' in secret) return localCredentials(secret.momentoLocal)
    if ('apiKey' in secret) return CredentialProvider.fromApiKeyV2(secret)
    return CredentialProvider.fromString(secret.MOMENTO_AUTH_TOKEN)
  } catch {
    throw new Error(refusal)
  }
}

function localCredentials({ hostname, port, apiKey }: LocalMomento): CredentialProvider {
  if (apiKey === undefined) return CredentialProvider.forMomentoLocal({ hostname, port })
  const endpoint = `${hostname}:${port}`
  // Of the forms that carry a key, the older token alone goes with endpoints of ours.
  return CredentialProvider.fromString({
    apiKey: Buffer.from(JSON.stringify({ api_key: apiKey, endpoint })).toString('base64'),
    endpointOverrides: {
      cacheEndpoint: endpoint,
      controlEndpoint: endpoint,
      tokenEndpoint: endpoint,
      secureConnection: false,
    },
  })
}
