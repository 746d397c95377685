import { build } from 'esbuild'

/** As the functions are bundled; only the splitting is added where one entry loads what it needs. */
export async function bundle(
  entry: string,
  outdir: string,
  { splitting = false, minify = true } = {},
): Promise<void> {
  await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify,
    keepNames: true,
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
    logLevel: 'error',
  })
}
