import { expect, test } from 'vitest'
import { environmentVariables } from '../../../local/lambda/environment-variables.ts'
import { configurationOf } from './function-configuration-fixture.ts'

const setting = {
  runtimeApiAddress: '127.0.0.1:1',
  logStreamName: 'stream',
  credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' },
  extraEnvironment: {},
}

test('a function has exactly the variables that Lambda sets', () => {
  const variables = environmentVariables(configurationOf('/code'), setting)
  expect(variables).toEqual({
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: 'tally',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/tally',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
    LAMBDA_RUNTIME_DIR: expect.stringMatching(/local\/lambda\/$/),
    LAMBDA_TASK_ROOT: '/code',
    _HANDLER: 'index.handler',
  })
})

test('a function may change its time zone, but neither what Lambda reserves nor what the stack adds', () => {
  const environment = {
    TZ: 'Europe/Zurich',
    AWS_REGION: 'mars-1',
    AWS_ENDPOINT_URL_SQS: 'https://example.com',
  }
  const extraEnvironment = { AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:2' }
  expect(
    environmentVariables(configurationOf('/code', { environment }), { ...setting, extraEnvironment }),
  ).toMatchObject({ TZ: 'Europe/Zurich', AWS_REGION: 'eu-central-1', ...extraEnvironment })
})
