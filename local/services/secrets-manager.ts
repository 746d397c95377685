import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { RunningService } from './aws-json-server.ts'
import { AwsServiceError, startAwsJsonServer } from './aws-json-server.ts'

const currentStage = 'AWSCURRENT'

const inputSchema = z.object({
  SecretId: z.string().min(1),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
})

/** A secret with one version, the current one. */
export interface LocalSecret {
  readonly name: string
  readonly secretString: string
}

/** What {@link startSecretsManager} needs. */
export interface SecretsManagerOptions {
  /** Secrets by their full ARN; read at each request, so later changes show. */
  readonly secrets: ReadonlyMap<string, LocalSecret>
  /** Default: any free port. */
  readonly port?: number
}

/**
 * Serves Secrets Manager's `GetSecretValue` on 127.0.0.1.
 *
 * A secret is found by its name or by its full ARN; ARNs without the random end are not. The only version is the
 * current one, named by a hash of the value.
 */
export function startSecretsManager({ secrets, port = 0 }: SecretsManagerOptions): Promise<RunningService> {
  const operations = { GetSecretValue: (input: unknown) => getSecretValue(secrets, input) }
  return startAwsJsonServer({ targetPrefix: 'secretsmanager', operations, port })
}

function getSecretValue(secrets: ReadonlyMap<string, LocalSecret>, input: unknown): object {
  const request = inputSchema.safeParse(input)
  if (!request.success) throw new AwsServiceError('ValidationException', z.prettifyError(request.error))
  const { SecretId: id, VersionId: wantedVersion, VersionStage: wantedStage = currentStage } = request.data
  const entry = [...secrets].find(([arn, { name }]) => arn === id || name === id)
  if (entry === undefined) throw notFound('.')
  const [arn, { name, secretString }] = entry
  const versionId = createHash('sha256').update(secretString).digest('hex')
  if (wantedVersion !== undefined && wantedVersion !== versionId) {
    throw notFound(` value for VersionId: ${wantedVersion}`)
  }
  if (wantedStage !== currentStage) throw notFound(` value for staging label: ${wantedStage}`)
  return {
    ARN: arn,
    Name: name,
    SecretString: secretString,
    VersionId: versionId,
    VersionStages: [currentStage],
  }
}

function notFound(what: string): AwsServiceError {
  return new AwsServiceError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret${what}`,
  )
}
