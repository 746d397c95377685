import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startDynamoDb } from '../../../../local/services/dynamodb/server.ts'
import { isJavaMissing, whyNotRun } from './java-for-tests.ts'

async function connectionTo(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  // A server that is killed resets what is open.
  socket.on('error', () => socket.destroy())
  return socket
}

const portOf = (endpoint: string): number => Number(new URL(endpoint).port)

describe.skipIf(isJavaMissing)(`DynamoDB Local${whyNotRun}`, () => {
  test('listens on 127.0.0.1 only, until it is closed', async () => {
    const dynamodb = await startDynamoDb({ onEnd: (text) => expect.unreachable(text) })
    onTestFinished(() => dynamodb.close())
    const { endpoint } = dynamodb
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await connectionTo('127.0.0.1', portOf(endpoint))
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others)
      await expect(connectionTo(address, portOf(endpoint))).rejects.toThrow('ECONNREFUSED')
    await dynamodb.close()
    await expect(connectionTo('127.0.0.1', portOf(endpoint))).rejects.toThrow('ECONNREFUSED')
  })

  test('ends with the process that started it, even one that is killed', async () => {
    const script = fileURLToPath(new URL('doomed-dynamodb.ts', import.meta.url))
    const stack = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void stack.kill('SIGKILL'))
    const [endpoint] = (await once(stack.stdout, 'data')) as [Buffer]
    const socket = await connectionTo('127.0.0.1', portOf(String(endpoint)))
    const closed = once(socket, 'close')
    expect(socket.closed).toBe(false)
    stack.kill('SIGKILL')
    await closed
  })
})
