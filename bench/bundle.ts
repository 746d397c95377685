import { build } from 'esbuild'
import { bundleOptions } from '../infra/bundle-options.ts'

/** What a bundle takes. */
export interface Bundle {
  /** Of the files that are loaded with the entry: not of those that it imports when it needs them. */
  readonly bytesAtInit: number
  readonly bytes: number
}

/** Bundles as the functions are: `name`.mjs in `outdir`. */
export async function bundle(name: string, entry: string, outdir: string): Promise<Bundle> {
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: { [name]: entry },
    outdir,
    metafile: true,
    logLevel: 'error',
  })
  const { outputs } = metafile
  const atInit = new Set<string>()
  const load = (path: string): void => {
    if (atInit.has(path)) return
    atInit.add(path)
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && imported in outputs) load(imported)
    }
  }
  for (const [path, { entryPoint }] of Object.entries(outputs)) if (entryPoint === entry) load(path)
  const bytesOf = (paths: Iterable<string>): number =>
    [...paths].reduce((total, path) => total + (outputs[path]?.bytes ?? 0), 0)
  return { bytesAtInit: bytesOf(atInit), bytes: bytesOf(Object.keys(outputs)) }
}
