/**
 * A thread of the runtime that ends its process group when the Runtime API is gone. It is a thread so that a
 * handler in an endless loop cannot outlive the stack either.
 */
import { connect } from 'node:net'
import { workerData } from 'node:worker_threads'

const [host, port] = String(workerData).split(':')

connect({ host: String(host), port: Number(port) })
  // Whatever the error was, `close` follows it.
  .on('error', () => undefined)
  .on('close', () => process.kill(-process.pid, 'SIGKILL'))
