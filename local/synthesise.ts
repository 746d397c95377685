import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'

const projectRoot = join(import.meta.dirname, '..')
const cdkSchema = z.looseObject({ app: z.string(), context: z.record(z.string(), z.unknown()).default({}) })

/** A cloud assembly in a temporary directory. */
export interface SynthesisedApp {
  readonly directory: string
  remove(): Promise<void>
}

export interface SynthesisOptions {
  /** The command that synthesises; default the app of cdk.json. It runs in the project's folder. */
  readonly app?: string
  readonly signal?: AbortSignal
}

/**
 * Synthesises this project's app as the CDK's command line does, into a temporary directory, but without the
 * validation of templates, which takes longer than all the rest: that is for deployments.
 * @throws Error with what the app printed, when it fails.
 */
export async function synthesise({ app, signal }: SynthesisOptions = {}): Promise<SynthesisedApp> {
  const cdk = cdkSchema.parse(JSON.parse(await readFile(join(projectRoot, 'cdk.json'), 'utf8')))
  const directory = await mkdtemp(join(tmpdir(), 'streamtally-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    // Not before: an abort while the directory is being made finds no listener.
    signal?.throwIfAborted()
    const synthesis = spawn(app ?? cdk.app, {
      shell: true,
      cwd: projectRoot,
      env: {
        ...process.env,
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify(cdk.context),
        CDK_VALIDATION: 'false',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: the shell's children have to end with it.
      detached: true,
    })
    const end = (): void => {
      const isAlive = synthesis.exitCode === null && synthesis.signalCode === null
      if (synthesis.pid !== undefined && isAlive) process.kill(-synthesis.pid, 'SIGTERM')
    }
    signal?.addEventListener('abort', end, { once: true })
    const printed: Buffer[] = []
    for (const output of [synthesis.stdout, synthesis.stderr])
      output.on('data', (chunk: Buffer) => printed.push(chunk))
    const [exitCode] = (await once(synthesis, 'close')) as [number | null]
    signal?.removeEventListener('abort', end)
    signal?.throwIfAborted()
    if (exitCode !== 0)
      throw new Error(`the CDK app could not be synthesised:\n${Buffer.concat(printed).toString()}`)
    return { directory, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
