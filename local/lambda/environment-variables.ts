import { fileURLToPath } from 'node:url'
import type { Credentials, FunctionConfiguration } from './function-configuration.ts'

/** The directory of the runtime client, in which `bootstrap.mjs` lies. */
export const runtimeDirectory = fileURLToPath(new URL('.', import.meta.url))

const nodeMajorVersion = process.versions.node.split('.', 1)[0] ?? ''

/** What differs between the environments of one function, and what the stack adds to it. */
export interface EnvironmentSetting {
  readonly runtimeApiAddress: string
  readonly logStreamName: string
  readonly credentials: Credentials
  readonly extraEnvironment: Readonly<Record<string, string>>
}

/**
 * All variables of an execution environment; nothing is inherited from this process.
 *
 * Later ones win: the defaults that a function may change, the function's own, those that Lambda reserves,
 * then `extraEnvironment`, so that no template can lead a local function to a real endpoint.
 *
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
export function environmentVariables(
  configuration: FunctionConfiguration,
  setting: EnvironmentSetting,
): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    ...configuration.environment,
    AWS_REGION: configuration.region,
    AWS_DEFAULT_REGION: configuration.region,
    AWS_ACCESS_KEY_ID: setting.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: setting.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: setting.credentials.sessionToken,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${nodeMajorVersion}.x`,
    AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: configuration.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: setting.logStreamName,
    AWS_LAMBDA_RUNTIME_API: setting.runtimeApiAddress,
    LAMBDA_RUNTIME_DIR: runtimeDirectory,
    LAMBDA_TASK_ROOT: configuration.codeDirectory,
    _HANDLER: configuration.handler,
    ...setting.extraEnvironment,
  }
}
