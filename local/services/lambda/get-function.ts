import { pathToFileURL } from 'node:url'
import { concurrencyOutput, functionOutput } from './function-output.ts'
import { type LambdaService, referencedFunction } from './lambda-service.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/**
 * Describes a function, its concurrency and where its code is: a directory of this machine.
 *
 * Throws `ResourceNotFoundException`.
 */
export function getFunction(service: LambdaService, { name, query }: LambdaRequest): LambdaAnswer {
  const lambda = referencedFunction(service, name, query)
  const reservesSome = lambda.reservedConcurrency !== undefined
  return {
    status: 200,
    json: {
      Configuration: functionOutput(service, lambda),
      Code: { Location: pathToFileURL(lambda.configuration.codeDirectory).href },
      ...(reservesSome && { Concurrency: concurrencyOutput(lambda) }),
    },
  }
}
