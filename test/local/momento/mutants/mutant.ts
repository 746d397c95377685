/** One small change that makes the local Momento wrong. */
export interface Mutant {
  readonly name: string
  /** In `local/momento`. */
  readonly file: string
  /** Is there exactly once, or the list is no longer true of the code. */
  readonly find: string
  readonly replace: string
}
