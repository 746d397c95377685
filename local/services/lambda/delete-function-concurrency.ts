import { type LambdaService, referencedFunction } from './lambda-service.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** Lets a function have what the account allows, from the next invocation on. Throws `ResourceNotFoundException`. */
export function deleteFunctionConcurrency(service: LambdaService, { name }: LambdaRequest): LambdaAnswer {
  referencedFunction(service, name).reservedConcurrency = undefined
  return { status: 204 }
}
