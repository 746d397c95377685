import { control, ping } from '@gomomento/generated-types'
import { status } from '@grpc/grpc-js'
import type { Server } from '@grpc/grpc-js'
import { cacheNotFound, RpcError } from './rpc-error.ts'
import type { Caches } from './storage.ts'
import { serveUnary } from './unary.ts'
import type { UnaryDefinition } from './unary.ts'

const { control_client } = control
const { definition } = control_client.UnimplementedScsControlService
const { UnimplementedPingService, _PingResponse } = ping.cache_client

/** Serves CreateCache, DeleteCache, ListCaches (one page) and Ping; faults do not touch them. */
export function serveControl(server: Server, caches: Caches): void {
  const serve = <Request, Response>(
    method: UnaryDefinition<Request, Response>,
    answer: (request: Request) => Response,
  ): void => serveUnary(server, method, async ({ request }) => answer(request))

  serve(definition.CreateCache, ({ cache_name }) => {
    if (caches.create(cache_name)) return new control_client._CreateCacheResponse()
    throw new RpcError(status.ALREADY_EXISTS, `a cache is named ${cache_name} already`)
  })
  serve(definition.DeleteCache, ({ cache_name }) => {
    if (caches.delete(cache_name)) return new control_client._DeleteCacheResponse()
    throw cacheNotFound(cache_name)
  })
  serve(definition.ListCaches, () => {
    const cache = caches.names().map((cache_name) => new control_client._Cache({ cache_name }))
    return new control_client._ListCachesResponse({ cache })
  })
  serve(UnimplementedPingService.definition.Ping, () => new _PingResponse())
}
