import type { LambdaFunction } from '../../lambda/lambda-function.ts'
import type { LambdaService } from './lambda-service.ts'

/** A function as Lambda describes it, as far as it is known here: no role, no runtime and no size of its code. */
export function functionOutput({ deployedMs }: LambdaService, { configuration }: LambdaFunction) {
  return {
    FunctionName: configuration.functionName,
    FunctionArn: configuration.functionArn,
    Version: '$LATEST',
    Handler: configuration.handler,
    MemorySize: configuration.memorySizeMb,
    Timeout: configuration.timeoutMs / 1_000,
    Environment: { Variables: configuration.environment },
    LoggingConfig: { LogGroup: configuration.logGroupName },
    PackageType: 'Zip',
    State: 'Active',
    LastUpdateStatus: 'Successful',
    LastModified: new Date(deployedMs).toISOString().replace('Z', '+0000'),
  }
}

/** The concurrency that a function reserves; nothing if it reserves none. */
export function concurrencyOutput({ reservedConcurrency }: LambdaFunction) {
  return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
}
