/** One small change that makes the engine wrong, and where the simulation notices. */
export interface Mutant {
  readonly name: string
  /** In `consumers/engine`. */
  readonly file: string
  /** Is there exactly once, or the list is no longer true of the code. */
  readonly find: string
  readonly replace: string
  /** The invariant that it breaks. */
  readonly breaks: string
  /** The first seed of which the story breaks it. */
  readonly diesAt: number
}
