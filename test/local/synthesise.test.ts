import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { synthesise } from '../../local/synthesise.ts'

// That the project's own app can be synthesised and deployed, the end-to-end tests show; here the app is a line.
let temporary = ''

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'streamtally-test-'))
  vi.stubEnv('TMPDIR', temporary)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(temporary, { recursive: true })
})

/** A killed process may leave its connection with a reset. */
function ignoreReset(): void {}

const writeEnvironment = `node -e "fs.writeFileSync(process.env.CDK_OUTDIR + '/env.json', JSON.stringify(process.env))"`

it('gives the app a directory and the context of cdk.json, as the CDK does', async () => {
  const { directory } = await synthesise({ app: writeEnvironment })
  const seen = JSON.parse(await readFile(join(directory, 'env.json'), 'utf8')) as Record<string, string>
  expect(seen['CDK_OUTDIR']).toBe(directory)
  const { context } = JSON.parse(await readFile('cdk.json', 'utf8')) as { context: object }
  expect(JSON.parse(seen['CDK_CONTEXT_JSON'] ?? '')).toEqual(context)
  expect(directory.startsWith(temporary)).toBe(true)
})

it('removes the directory when it is no longer needed, and not before', async () => {
  const synthesised = await synthesise({ app: writeEnvironment })
  expect(existsSync(synthesised.directory)).toBe(true)
  await synthesised.remove()
  expect(existsSync(synthesised.directory)).toBe(false)
})

it('says what the app printed when it fails, and leaves nothing behind', async () => {
  await expect(synthesise({ app: 'echo no such construct >&2; exit 1' })).rejects.toThrow(
    'the CDK app could not be synthesised:\nno such construct\n',
  )
  expect(await readdir(temporary)).toEqual([])
})

it('ends the app, with what it started, when it is aborted, and leaves nothing behind', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const interruption = new AbortController()
  // What follows keeps the shell, as an app of two commands does.
  const app = `node -e "net.connect(${port}, '127.0.0.1')"; true`
  const synthesis = synthesise({ app, signal: interruption.signal }).catch(String)
  const [socket] = (await once(server, 'connection')) as [Socket]
  const ended = once(socket.on('error', ignoreReset).resume(), 'close')
  interruption.abort()
  expect(await synthesis).toMatch(/^AbortError/)
  await ended
  expect(await readdir(temporary)).toEqual([])
})

it('does not start the app when it is aborted before', async () => {
  const interruption = new AbortController()
  const synthesis = synthesise({ app: 'exec sleep 60', signal: interruption.signal }).catch(String)
  interruption.abort()
  expect(await synthesis).toMatch(/^AbortError/)
  expect(await synthesise({ signal: AbortSignal.abort() }).catch(String)).toMatch(/^AbortError/)
  expect(await readdir(temporary)).toEqual([])
})
