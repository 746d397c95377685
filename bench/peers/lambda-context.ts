import type { Context } from 'aws-lambda'

/** The context of an invocation that has just begun, as far as handlers here look at it. */
export function lambdaContext(remainingMs = 60_000): Context {
  const startMs = Date.now()
  const context: Pick<Context, 'awsRequestId' | 'functionName' | 'getRemainingTimeInMillis'> = {
    awsRequestId: 'bench',
    functionName: 'ad-views',
    getRemainingTimeInMillis: () => startMs + remainingMs - Date.now(),
  }
  return context as Context
}
