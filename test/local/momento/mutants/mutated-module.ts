import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { patchText } from '../../../simulation/mutants/mutated-bundle.ts'
import type { Mutant } from './mutant.ts'

const momentoFolder = join(import.meta.dirname, '../../../../local/momento')

/**
 * Bundles the module at `path`, with the mutant in it if there is one, into `folder`, and loads it.
 * @throws where what the mutant replaces is not there exactly once.
 */
export async function mutatedModule(path: string, folder: string, mutant?: Mutant): Promise<object> {
  const outfile = join(folder, `${(mutant?.name ?? 'unchanged').replaceAll(/\W+/g, '-')}.mjs`)
  await build({
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [packagesFromHere, ...(mutant === undefined ? [] : [mutated(mutant)])],
    logLevel: 'silent',
  })
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as object
}

/** The bundle lies outside of the project, where no package is found by its name. */
const packagesFromHere: Plugin = {
  name: 'packages-from-here',
  setup: (to) => {
    to.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: import.meta.resolve(path), external: true },
    )
  },
}

function mutated(mutant: Mutant): Plugin {
  const path = join(momentoFolder, mutant.file)
  return {
    name: 'mutated',
    setup: (to) => {
      to.onLoad({ filter: /\.ts$/ }, async (file) =>
        file.path === path
          ? { contents: patchText(await readFile(path, 'utf8'), mutant), loader: 'ts' }
          : undefined,
      )
    },
  }
}
