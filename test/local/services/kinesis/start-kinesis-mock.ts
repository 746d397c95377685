import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const main = createRequire(import.meta.url).resolve('kinesis-local')

/** Tells which ports the mock got, which it does not say itself, and ends it when this process does, however that ends. */
const preload = `
import { Server } from 'node:net'
const { emit } = Server.prototype
Server.prototype.emit = function (event, ...rest) {
  if (event === 'listening') process.send(this.address().port)
  return emit.call(this, event, ...rest)
}
process.on('disconnect', () => process.exit())
`

/** kinesis-mock in a process of its own, without the pauses it makes of itself. */
export async function startKinesisMock(region: string, accountId: string) {
  const durations = ['CREATE_STREAM', 'DELETE_STREAM', 'SPLIT_SHARD', 'MERGE_SHARDS', 'UPDATE_SHARD_COUNT']
  const child = fork(main, [], {
    execArgv: ['--import', `data:text/javascript,${encodeURIComponent(preload)}`],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      AWS_ACCOUNT_ID: accountId,
      AWS_REGION: region,
      KINESIS_MOCK_CERT_PATH: join(dirname(main), 'server.json'),
      KINESIS_MOCK_PLAIN_PORT: '0',
      KINESIS_MOCK_TLS_PORT: '0',
      LOG_LEVEL: 'ERROR',
      ...Object.fromEntries(durations.map((name) => [`${name}_DURATION`, '0ms'])),
    },
  })
  const ended = once(child, 'exit')
  const ports: number[] = []
  child.on('message', (port: number) => ports.push(port))
  while (ports.length < 2) await Promise.race([once(child, 'message'), ended.then(failed)])
  const endpoint = await Promise.any(ports.map(healthy))
  return {
    endpoint,
    close: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function failed(): never {
  throw new Error('kinesis-mock has ended')
}

/** The endpoint of a port that speaks HTTP without TLS; rejects for the other. */
async function healthy(port: number): Promise<string> {
  const endpoint = `http://127.0.0.1:${port}`
  await fetch(`${endpoint}/healthcheck`)
  return endpoint
}
