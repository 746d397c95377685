import type { FunctionConfiguration } from '../../../local/lambda/function-configuration.ts'

/** A function in `directory` of which only `changes` matter to a test. */
export function configurationOf(
  directory: string,
  changes: Partial<FunctionConfiguration> = {},
): FunctionConfiguration {
  return {
    functionName: 'tally',
    functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:tally',
    handler: 'index.handler',
    codeDirectory: directory,
    memorySizeMb: 256,
    timeoutMs: 10_000,
    environment: {},
    region: 'eu-central-1',
    logGroupName: '/aws/lambda/tally',
    ...changes,
  }
}
