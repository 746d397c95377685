import { cp, mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const projectModules = join(import.meta.dirname, '..', '..', 'node_modules')
/** What Lambda's Node.js runtimes bring along, so that functions need not: the AWS SDK. */
const providedScopes = ['@aws-sdk', '@smithy']

/** Copies of functions' code. */
export interface StagedCode {
  /** Where the copy of a directory is. */
  directoryOf(codeDirectory: string): string
  close(): Promise<void>
}

/**
 * Copies directories of code to where nothing around them changes what they are, as in Lambda: no `package.json` above
 * makes ES modules of CommonJS ones, and of all packages only the AWS SDK is found.
 * @throws Error that names a directory that is not there.
 */
export async function stageCode(codeDirectories: readonly string[]): Promise<StagedCode> {
  const root = await mkdtemp(join(tmpdir(), 'streamtally-functions-'))
  const close = (): Promise<void> => rm(root, { recursive: true, force: true })
  const places = new Map(
    [...new Set(codeDirectories)].map((directory, index) => [
      directory,
      join(root, `${index}-${basename(directory)}`),
    ]),
  )
  try {
    await writeFile(join(root, 'package.json'), '{}')
    await mkdir(join(root, 'node_modules'))
    for (const scope of providedScopes)
      await symlink(join(projectModules, scope), join(root, 'node_modules', scope), 'junction')
    for (const [directory, place] of places) {
      const isDirectory = await stat(directory).then(
        (found) => found.isDirectory(),
        () => false,
      )
      if (!isDirectory) throw new Error(`the code of a function is not there: ${directory}`)
      await cp(directory, place, { recursive: true, verbatimSymlinks: true })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { directoryOf: (codeDirectory) => places.get(codeDirectory) ?? codeDirectory, close }
}
