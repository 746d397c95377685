/**
 * What becomes of an answer that a handler gave: it arrives; it is lost on its way to the invoker, and the environment
 * stays warm; or the environment is killed before Lambda has taken it.
 */
export type AnswerFate = 'delivered' | 'lost' | 'killed'

/** What goes wrong with a function's invocations, for tests. */
export interface FunctionFaults {
  /** Called once for each answer of a handler, errors left out. Default: all are delivered. */
  readonly fateOfAnswer?: (requestId: string) => AnswerFate
}
