import type { LambdaFunction } from '../../lambda/lambda-function.ts'
import type { ReportFailure } from '../../event-source-mapping/deliveries.ts'
import type { ControlledMapping } from './controlled-mapping.ts'
import { notFound } from './request.ts'

/** What there is to control; what is added later is there from then on. */
export interface LambdaService {
  readonly region: string
  readonly accountId: string
  /** By name. */
  readonly functions: ReadonlyMap<string, LambdaFunction>
  /** By UUID. */
  readonly mappings: ReadonlyMap<string, ControlledMapping>
  /** When the functions came to be what they are, epoch milliseconds. */
  readonly deployedMs: number
  /** Epoch milliseconds. */
  readonly nowMs: () => number
  /**
   * Who takes reports for the destination of that ARN.
   * @throws Error of one line if there is none such
   */
  readonly reportFailuresTo: (destinationArn: string) => ReportFailure
}

/** A function as a caller names it. */
export interface FunctionReference {
  /** Its ARN, without a qualifier. */
  readonly arn: string
  readonly name: string
  /** A version or an alias, if one is named. */
  readonly qualifier: string | undefined
}

const referenceForm =
  /^(?:(?:arn:aws[\w-]*:lambda:(?<region>[\w-]+):)?(?<accountId>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/

/** Reads a name, an ARN or a partial ARN, each with or without a qualifier; undefined if it is none. */
export function functionReference(
  { region, accountId }: Pick<LambdaService, 'region' | 'accountId'>,
  text: string,
): FunctionReference | undefined {
  const groups = referenceForm.exec(text)?.groups
  const name = groups?.['name']
  if (groups === undefined || name === undefined) return undefined
  const arn = `arn:aws:lambda:${groups['region'] ?? region}:${groups['accountId'] ?? accountId}:function:${name}`
  return { arn, name, qualifier: groups['qualifier'] }
}

/**
 * The function that a caller names, in its path and its query. There are no versions but `$LATEST`, and no aliases.
 *
 * Throws `ResourceNotFoundException`, as Lambda does.
 */
export function referencedFunction(
  service: LambdaService,
  text: string,
  query = new URLSearchParams(),
): LambdaFunction {
  const reference = functionReference(service, text)
  const found = reference && service.functions.get(reference.name)
  const qualifier = reference?.qualifier ?? query.get('Qualifier') ?? undefined
  const isLatest = qualifier === undefined || qualifier === '$LATEST'
  if (found !== undefined && found.configuration.functionArn === reference?.arn && isLatest) return found
  const arn = reference?.arn ?? `arn:aws:lambda:${service.region}:${service.accountId}:function:${text}`
  throw notFound(`Function not found: ${arn}${qualifier === undefined ? '' : `:${qualifier}`}`)
}

/** The mapping of that UUID. Throws `ResourceNotFoundException`, as Lambda does. */
export function referencedMapping({ mappings }: LambdaService, uuid: string): ControlledMapping {
  const found = mappings.get(uuid)
  if (found === undefined) throw notFound('The resource you requested does not exist.')
  return found
}
