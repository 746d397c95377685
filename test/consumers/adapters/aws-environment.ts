import { vi } from 'vitest'

/** Sends the AWS clients of the code under test to a local service, until `vi.unstubAllEnvs()`. */
export function stubAwsEnvironment(endpoints: {
  readonly secretsManager?: string
  readonly s3?: string
}): void {
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoints.secretsManager)
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoints.s3)
}
