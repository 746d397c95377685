import { concurrencyOutput } from './function-output.ts'
import { type LambdaService, referencedFunction } from './lambda-service.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** The concurrency that a function reserves. Throws `ResourceNotFoundException`. */
export function getFunctionConcurrency(service: LambdaService, { name }: LambdaRequest): LambdaAnswer {
  return { status: 200, json: concurrencyOutput(referencedFunction(service, name)) }
}
