import { cache } from '@gomomento/generated-types'
import { Client, credentials, Metadata, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import type { Address } from './quiet-client.ts'

/** A method of the service definition. */
export interface Method<Request, Response> {
  readonly path: string
  readonly responseStream: boolean
  readonly requestSerialize: (request: Request) => Buffer
  readonly responseDeserialize: (bytes: Buffer) => Response
}

/** Methods of the data plane by name, as the service defines them. */
export const { definition } = cache.cache_client.UnimplementedScsService

/** Calls that the SDK has no function for, or sends in one form only. */
export class RawClient {
  readonly #client: Client
  readonly #metadata = new Metadata()

  constructor({ hostname, port }: Address, cacheName: string) {
    this.#client = new Client(`${hostname}:${port}`, credentials.createInsecure())
    if (cacheName !== '') this.#metadata.set('cache', cacheName)
  }

  /** The answer, or the only one of a stream; rejects with the ServiceError of a call that fails. */
  ask<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response | undefined> {
    const { path, requestSerialize, responseDeserialize } = method
    const to = [path, requestSerialize, responseDeserialize, request, this.#metadata] as const
    return new Promise((resolve, reject) => {
      if (!method.responseStream) {
        this.#client.makeUnaryRequest(...to, (error, response) => (error ? reject(error) : resolve(response)))
        return
      }
      let last: Response | undefined
      const stream = this.#client.makeServerStreamRequest(...to)
      stream.on('data', (response: Response) => (last = response))
      stream.on('error', reject)
      stream.on('end', () => resolve(last))
    })
  }

  /** The name of the status that a call ends with. */
  async statusOf<Request>(method: Method<Request, unknown>, request: Request): Promise<string | undefined> {
    const code = await this.ask(method, request).then(
      () => status.OK,
      (error: ServiceError) => error.code,
    )
    return status[code]
  }

  close(): void {
    this.#client.close()
  }
}
