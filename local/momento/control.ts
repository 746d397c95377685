import { control, ping } from '@gomomento/generated-types'
import { status } from '@grpc/grpc-js'
import type { Server } from '@grpc/grpc-js'
import { itemLimitBytes, ttlLimitMs } from './limits.ts'
import { cacheNotFound, invalidRequest, RpcError } from './rpc-error.ts'
import type { Caches } from './storage.ts'
import { serveUnary } from './unary.ts'
import type { UnaryDefinition } from './unary.ts'

const { control_client } = control
const { definition } = control_client.UnimplementedScsControlService
const { UnimplementedPingService, _PingResponse } = ping.cache_client

/** Serves CreateCache, DeleteCache, FlushCache, ListCaches (one page) and Ping; faults do not touch them. */
export function serveControl(server: Server, caches: Caches): void {
  const serve = <Request, Response>(
    method: UnaryDefinition<Request, Response>,
    answer: (request: Request) => Response,
  ): void => serveUnary(server, method, ({ request }) => answer(request))

  serve(definition.CreateCache, ({ cache_name }) => {
    if (cache_name.trim() === '') throw invalidRequest('a cache needs a name')
    if (caches.create(cache_name)) return new control_client._CreateCacheResponse()
    throw new RpcError(status.ALREADY_EXISTS, `a cache is named ${cache_name} already`)
  })
  serve(definition.DeleteCache, ({ cache_name }) => {
    if (caches.delete(cache_name)) return new control_client._DeleteCacheResponse()
    throw cacheNotFound(cache_name)
  })
  serve(definition.FlushCache, ({ cache_name }) => {
    const items = caches.find(cache_name)
    if (items === undefined) throw cacheNotFound(cache_name)
    items.clear()
    return new control_client._FlushCacheResponse()
  })
  serve(definition.ListCaches, () => {
    const cache_limits = new control_client._CacheLimits({
      max_item_size_kb: itemLimitBytes / 1024,
      max_ttl_seconds: ttlLimitMs / 1000,
    })
    const cache = caches.names().map((cache_name) => new control_client._Cache({ cache_name, cache_limits }))
    return new control_client._ListCachesResponse({ cache })
  })
  serve(UnimplementedPingService.definition.Ping, () => new _PingResponse())
}
