/**
 * What a function is, as its template states it: everything an execution environment needs to know.
 *
 * `handler` is `file.export` below `codeDirectory`; `environment` holds the template's own variables only.
 * Without `reservedConcurrency` the account's limit applies; 0 throttles every invocation, as in Lambda.
 */
export interface FunctionConfiguration {
  readonly functionName: string
  readonly functionArn: string
  readonly handler: string
  readonly codeDirectory: string
  readonly memorySizeMb: number
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number
  readonly region: string
  readonly logGroupName: string
}

/** The credentials that a function finds in its variables, where Lambda puts those of its role. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
}
