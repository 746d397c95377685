import { type LambdaService, referencedMapping } from './lambda-service.ts'
import { mappingOutput } from './mapping-output.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** Describes one mapping. Throws `ResourceNotFoundException` for an unknown UUID. */
export function getEventSourceMapping(service: LambdaService, { name }: LambdaRequest): LambdaAnswer {
  return { status: 200, json: mappingOutput(service, referencedMapping(service, name)) }
}
