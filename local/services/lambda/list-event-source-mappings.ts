import { functionReference, type LambdaService } from './lambda-service.ts'
import { mappingOutput } from './mapping-output.ts'
import { pageOf } from './page.ts'
import type { LambdaAnswer, LambdaRequest } from './request.ts'

/** On one page. Source: AWS Lambda API Reference, ListEventSourceMappings. */
const maximumPage = 100

/**
 * Lists the mappings by UUID, of one function or one source if asked so; of a function as it is qualified, so that a
 * mapping which names no version is none of `$LATEST`. There are none of what does not exist.
 */
export function listEventSourceMappings(service: LambdaService, { query }: LambdaRequest): LambdaAnswer {
  const [functionName, sourceArn] = [query.get('FunctionName'), query.get('EventSourceArn')]
  const functionArn = functionName === null ? undefined : qualifiedArn(service, functionName)
  const found = Array.from(service.mappings.values()).filter(
    ({ properties, streamArn }) =>
      (functionName === null || properties.functionArn === functionArn) &&
      (sourceArn === null || streamArn === sourceArn),
  )
  const sorted = found.toSorted((one, other) => (one.properties.uuid < other.properties.uuid ? -1 : 1))
  const { page, ...next } = pageOf(sorted, ({ properties }) => properties.uuid, { query, most: maximumPage })
  const EventSourceMappings = page.map((each) => mappingOutput(service, each))
  return { status: 200, json: { EventSourceMappings, ...next } }
}

function qualifiedArn(service: LambdaService, functionName: string): string | undefined {
  const reference = functionReference(service, functionName)
  if (reference?.qualifier === undefined) return reference?.arn
  return `${reference.arn}:${reference.qualifier}`
}
