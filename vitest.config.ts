import { defineConfig } from 'vitest/config'

/** Tests that start processes, load the CDK or carry megabytes: seconds each, where the others take milliseconds. */
const slow = [
  'test/end-to-end/**/*.test.ts',
  'test/local/lambda/{failures,lambda-function,platform-lines,stack-death}.test.ts',
  'test/infra/**/*.test.ts',
  'test/local/momento/{model,mutants}/*.test.ts',
  'test/local/services/{s3-and-sqs,aws-json-server}.test.ts',
  'test/local/services/dynamodb/{server,create-tables}.test.ts',
  'test/local/services/kinesis/{conformance,get-records}.test.ts',
  'test/local/services/lambda/invoke.test.ts',
  'test/local/dynamodb-stream.test.ts',
  'test/local/momento/{main,readme}.test.ts',
  'test/consumers/adapters/momento-cell-store-faults.test.ts',
  'test/producers/produce.test.ts',
  'test/query/{query,describe,logs}.test.ts',
  'test/simulation/**/*.test.ts',
  'test/workflows.test.ts',
]

/** Tests that count what their process has open. */
const alone = ['test/local/lambda/execution-environment.test.ts']

export default defineConfig({
  test: {
    // One less than the cores, vitest's default, is one on two.
    maxWorkers: 2,
    // Loading the SDKs anew for each file would take longer than the tests.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The AWS SDK warns of Node 20 in every process.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...slow, ...alone] } },
      { extends: true, test: { name: 'slow', include: slow } },
      { extends: true, test: { name: 'alone', include: alone, isolate: true } },
    ],
    coverage: {
      include: ['consumers/**/*.ts', 'local/**/*.ts', 'producers/**/*.ts', 'query/**/*.ts', 'demo/**/*.ts'],
    },
  },
})
