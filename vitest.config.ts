import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    coverage: {
      include: ['consumers/**/*.ts', 'local/**/*.ts', 'producers/**/*.ts', 'query/**/*.ts', 'demo/**/*.ts'],
    },
  },
})
