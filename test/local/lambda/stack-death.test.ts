import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { codeDirectory } from './function-fixture.ts'

/** Calls the test, says what it does, and then does it; the connection closes when its process has ended. */
const HANDLER = `import { once } from 'node:events'
import { connect } from 'node:net'
export const handler = async ({ port, deed }) => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  await new Promise((resolve) => socket.write('connected', resolve))
  if (deed === 'loop') for (;;);
  if (deed === 'wait') await new Promise(() => {})
}`

test.each(['answer', 'wait', 'loop'])(
  'the death of the stack ends an environment whose handler does: %s',
  async (deed) => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('No port')

    const script = fileURLToPath(new URL('doomed-stack.ts', import.meta.url))
    const event = JSON.stringify({ port: address.port, deed })
    const stack = spawn(process.execPath, ['--import', 'tsx', script, codeDirectory(HANDLER), event], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    onTestFinished(() => void stack.kill('SIGKILL'))
    const [socket] = (await once(server, 'connection')) as [Socket]
    let isClosed = false
    const closed = new Promise<void>((resolve) => {
      socket.once('error', () => undefined)
      socket.once('close', () => {
        isClosed = true
        resolve()
      })
    })
    await once(socket, 'data')
    expect(isClosed).toBe(false)

    stack.kill('SIGKILL')
    await closed
    expect(isClosed).toBe(true)
  },
)
