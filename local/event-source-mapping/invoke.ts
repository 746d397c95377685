/**
 * Invokes the function synchronously with a serialised event.
 *
 * Every attempt at the same batch carries the same request id. A rejection means that the service could not be
 * asked; it uses up no retry, as a throttle does not.
 */
export type Invoke = (payload: string, options: { requestId: string }) => Promise<InvokeAnswer>

/** What became of an invocation: the function returned, failed, or was not run for want of concurrency. */
export type InvokeAnswer =
  | { readonly outcome: 'answered'; readonly payload: string }
  | { readonly outcome: 'function-error'; readonly errorType: string; readonly errorMessage: string }
  | { readonly outcome: 'throttled' }
