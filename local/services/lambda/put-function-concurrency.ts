import { z } from 'zod'
import { accountConcurrency } from '../../lambda/lambda-function.ts'
import { concurrencyOutput } from './function-output.ts'
import { type LambdaService, referencedFunction } from './lambda-service.ts'
import { parseBody, whole } from './request-input.ts'
import { invalidParameter, type LambdaAnswer, type LambdaRequest } from './request.ts'

/** What functions that reserve nothing share. Source: AWS Lambda Developer Guide, "Configuring reserved concurrency". */
const leastUnreserved = 100

const inputSchema = z.object({ ReservedConcurrentExecutions: whole(0, Number.MAX_SAFE_INTEGER) })

/**
 * Reserves concurrency, from the next invocation on; 0 throttles them all.
 *
 * Throws `ResourceNotFoundException`, `ValidationException`, and `InvalidParameterValueException` if fewer than 100 would
 * be left for functions that reserve none.
 */
export function putFunctionConcurrency(service: LambdaService, { name, body }: LambdaRequest): LambdaAnswer {
  const lambda = referencedFunction(service, name)
  const { ReservedConcurrentExecutions: executions } = parseBody(inputSchema, body)
  let unreserved = accountConcurrency - executions
  for (const other of service.functions.values()) {
    if (other !== lambda) unreserved -= other.reservedConcurrency ?? 0
  }
  if (unreserved < leastUnreserved)
    throw invalidParameter(
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
        `its minimum value of [${leastUnreserved}].`,
    )
  lambda.reservedConcurrency = executions
  return { status: 200, json: concurrencyOutput(lambda) }
}
