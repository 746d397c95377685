import { functionOutput } from './function-output.ts'
import { type LambdaService, referencedFunction } from './lambda-service.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** Describes a function. Throws `ResourceNotFoundException`. */
export function getFunctionConfiguration(
  service: LambdaService,
  { name, query }: LambdaRequest,
): LambdaAnswer {
  return { status: 200, json: functionOutput(service, referencedFunction(service, name, query)) }
}
