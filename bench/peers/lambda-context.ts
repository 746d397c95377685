import type { Context } from 'aws-lambda'

/** The context of an invocation that has just begun, as far as handlers here look at it. */
export function lambdaContext(): Context {
  const startMs = Date.now()
  const context: Pick<Context, 'awsRequestId' | 'functionName' | 'getRemainingTimeInMillis'> = {
    awsRequestId: 'bench',
    functionName: 'ad-views',
    getRemainingTimeInMillis: () => startMs + 60_000 - Date.now(),
  }
  return context as Context
}
