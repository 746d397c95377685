import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Mutant } from './mutant.ts'

/** What is changed where. */
export type Patch = Pick<Mutant, 'name' | 'file' | 'find' | 'replace'>

const engineFolder = join(import.meta.dirname, '../../../consumers/engine')

/**
 * Writes the simulation, and the engine with the patch in it, as one module to `outfile`. Without a patch it is the
 * engine as it is, by the very same way.
 * @throws where the patch’s text is not there exactly once.
 */
export async function bundle(outfile: string, patch: Patch | undefined): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, 'told-seeds.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [packagesFromHere, ...(patch === undefined ? [] : [patched(patch)])],
    logLevel: 'silent',
  })
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

function patched(patch: Patch): Plugin {
  const path = join(engineFolder, patch.file)
  return {
    name: 'patched',
    setup: (to) => {
      to.onLoad({ filter: /\.ts$/ }, async (file) =>
        file.path === path
          ? { contents: patchText(await readFile(path, 'utf8'), patch), loader: 'ts' }
          : undefined,
      )
    },
  }
}

/** The text with the mutant’s change in it. */
export function patchText(text: string, { name, file, find, replace }: Patch): string {
  const parts = text.split(find)
  const [before = '', after = ''] = parts
  if (parts.length !== 2) {
    throw new Error(`“${name}” no longer fits: what it replaces is in ${file} ${parts.length - 1} times`)
  }
  return before + replace + after
}
