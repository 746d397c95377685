import type { BuildOptions } from 'esbuild'

/** How the functions' code is bundled: `index.mjs`, and beside it what it loads only when it needs it. */
export const bundleOptions = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  // Laptops run the same asset on Node 20.
  target: 'node20',
  // What is imported when it is needed becomes a file of its own: S3's client, and credentials that no function has.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  minify: true,
  keepNames: true,
  // Bundling the AWS SDK too loads faster than the runtime's copy.
  external: [],
  mainFields: ['module', 'main'],
  // esbuild leaves `require` calls of CommonJS packages in an ES module, where there is none.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
} as const satisfies BuildOptions
