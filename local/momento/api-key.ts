import { ServerInterceptingCall, status } from '@grpc/grpc-js'
import type { Metadata, ServerInterceptor } from '@grpc/grpc-js'

/** Refuses every call whose `authorization` is none of `keys`, which are read at each call, as UNAUTHENTICATED. */
export function requireApiKey(keys: ReadonlySet<string>, onRefused: () => void): ServerInterceptor {
  return (_, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (keys.has(keyOf(metadata))) return pass(metadata)
            onRefused()
            call.sendStatus({ code: status.UNAUTHENTICATED, details: 'the API key is missing or not valid' })
          },
        }),
    })
}

function keyOf(metadata: Metadata): string {
  const [key] = metadata.get('authorization')
  return typeof key === 'string' ? key : ''
}
