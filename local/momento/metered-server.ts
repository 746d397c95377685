import { Server } from '@grpc/grpc-js'
import type { ServerOptions } from '@grpc/grpc-js'

type Registration<Request, Response> = Parameters<typeof Server.prototype.register<Request, Response>>

/** Takes the size of each message on its way between the wire and a method, which is given by its path. */
export interface Meter {
  received(path: string): (bytes: number) => void
  sent(path: string): (bytes: number) => void
}

/** A gRPC server that weighs the messages of every method registered with it, of streams too. */
export class MeteredServer extends Server {
  readonly #meter: Meter

  constructor(options: ServerOptions, meter: Meter) {
    super(options)
    this.#meter = meter
  }

  override register<Request, Response>(
    ...[path, handler, serialize, deserialize, type]: Registration<Request, Response>
  ): boolean {
    const received = this.#meter.received(path)
    const sent = this.#meter.sent(path)
    return super.register<Request, Response>(
      path,
      handler,
      (response) => {
        const bytes = serialize(response)
        sent(bytes.byteLength)
        return bytes
      },
      (bytes) => {
        received(bytes.byteLength)
        return deserialize(bytes)
      },
      type,
    )
  }
}
