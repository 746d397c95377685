import { createServer } from 'node:net'
import { once } from 'node:events'
import { CacheClient } from '@gomomento/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runScript } from '../../run-script.ts'
import { keyedClient, outcome, quietClient, quietClientProps } from './quiet-client.ts'
import { startServerProcess } from './server-process.ts'

const script = 'local/momento/main.ts'
/** Far longer than the server may take to end: if it waited for a call, the test would be over before. */
const callTimeoutMs = 60_000

describe('npm run momento', () => {
  test('says in one line where it is, and serves the caches named, with everything else on demand', async () => {
    const server = await startServerProcess(['--cache', 'first', '--cache', 'second'])
    onTestFinished(async () => void (await server.end('SIGKILL')))
    const client = quietClient(server.ready)
    onTestFinished(() => client.close())
    expect(server.ready).toEqual({
      hostname: '127.0.0.1',
      port: expect.any(Number) as number,
      controlPort: expect.any(Number) as number,
      caches: ['first', 'second'],
    })
    expect(outcome(await client.set('second', 'k', 'v'))).toBe('Success')
    expect(outcome(await client.get('first', 'k'))).toBe('Miss')
    const health = await fetch(`http://127.0.0.1:${server.ready.controlPort}/health`)
    expect(await health.json()).toEqual({ isHealthy: true })
    expect(server.lines).toHaveLength(1)
  })

  test('keeps keys and limits', async () => {
    const server = await startServerProcess(
      ['--cache', 'cache', '--api-key', 'full', '--read-only-api-key', 'reader'],
      ['--operations-per-second', '1000', '--bytes-per-second', '2000'],
      ['--control-operations-per-second', '1'],
    )
    onTestFinished(async () => void (await server.end('SIGKILL')))
    const [writer, reader, stranger] = [
      keyedClient(server.ready, 'full'),
      keyedClient(server.ready, 'reader'),
      quietClient(server.ready),
    ]
    onTestFinished(() => {
      for (const client of [writer, reader, stranger]) client.close()
    })
    expect(outcome(await stranger.get('cache', 'k'))).toBe('AUTHENTICATION_ERROR')
    expect(outcome(await reader.set('cache', 'k', 'v'))).toBe('PERMISSION_ERROR')
    expect(outcome(await writer.set('cache', 'k', 'x'.repeat(1_000_000)))).toBe('Success')
    expect(outcome(await reader.get('cache', 'k'))).toBe('LIMIT_EXCEEDED_ERROR')
    const controls = await Promise.all([reader.listCaches(), reader.listCaches()])
    expect(controls.map(outcome)).toContain('LIMIT_EXCEEDED_ERROR')
  })

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends at once and well on %s, with a call in flight that nobody answers',
    async (signal) => {
      const server = await startServerProcess(['--cache', 'cache'])
      onTestFinished(async () => void (await server.end('SIGKILL')))
      const props = quietClientProps(server.ready)
      const configuration = props.configuration?.withClientTimeoutMillis(callTimeoutMs)
      const client = new CacheClient({ ...props, ...(configuration && { configuration }) })
      onTestFinished(() => client.close())
      const control = `http://127.0.0.1:${server.ready.controlPort}`
      await fetch(`${control}/faults`, { method: 'PUT', body: JSON.stringify({ holdRate: 1 }) })
      const call = client.setIfAbsent('cache', 'k', 'v')
      const held = async (): Promise<unknown> =>
        ((await (await fetch(`${control}/counters`)).json()) as { held: number }).held
      await expect.poll(held, { timeout: 10_000 }).toBe(1)
      expect(await server.end(signal)).toBe(0)
      expect(outcome(await call)).toBe('SERVER_UNAVAILABLE')
    },
  )
})

describe('what cannot be', () => {
  test.each([['--port'], ['--control-port']])(
    '%s that is taken is one line, and exit code 1',
    async (option) => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      onTestFinished(() => void other.close())
      const address = other.address()
      const port = typeof address === 'object' && address !== null ? `${address.port}` : ''
      const { exitCode, stdout, stderr } = await runScript(script, ['--port', '0', option, port])
      expect({ exitCode, stdout, stderr }).toEqual({
        exitCode: 1,
        stdout: '',
        stderr: `error: port ${port} is in use\n`,
      })
    },
  )

  test.each([
    ['--port', '65536'],
    ['--port', 'x'],
    ['--operations-per-second', '0'],
    ['--bytes-per-second', '-1'],
    ['--api-keys', 'k'],
    ['--api-key', ''],
    ['--read-only-api-key', ''],
    ['--cache', ' '],
    ['cache'],
  ])('a wrong command line is exit code 2: %s %s', async (...args) => {
    const { exitCode, stdout, stderr } = await runScript(script, args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  })

  test('--help says it all, and exit code 0', async () => {
    const { exitCode, stdout } = await runScript(script, ['--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('--read-only-api-key')
  })
})
