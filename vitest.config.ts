import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One less than the cores, vitest's default, is one on two.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The AWS SDK warns of Node 20 in every process.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    coverage: {
      include: ['consumers/**/*.ts', 'local/**/*.ts', 'producers/**/*.ts', 'query/**/*.ts', 'demo/**/*.ts'],
    },
  },
})
