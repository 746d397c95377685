import type { LambdaFunction } from '../../lambda/lambda-function.ts'
import { functionOutput } from './function-output.ts'
import type { LambdaService } from './lambda-service.ts'
import { pageOf } from './page.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** On one page. Source: AWS Lambda API Reference, ListFunctions. */
const maximumPage = 50

/** Lists the functions by name. */
export function listFunctions(service: LambdaService, { query }: LambdaRequest): LambdaAnswer {
  const sorted = Array.from(service.functions.values()).toSorted((one, other) =>
    nameOf(one) < nameOf(other) ? -1 : 1,
  )
  const { page, ...next } = pageOf(sorted, nameOf, { query, most: maximumPage })
  return { status: 200, json: { Functions: page.map((each) => functionOutput(service, each)), ...next } }
}

function nameOf({ configuration }: LambdaFunction): string {
  return configuration.functionName
}
