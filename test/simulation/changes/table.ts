import type { PlannedRow } from './plan.ts'
import type { ChangeSituation } from './situations.ts'

/** What a write made of a row; an image is `undefined` where there was, or is, none. */
export interface Images {
  readonly old: PlannedRow | undefined
  readonly new: PlannedRow | undefined
}

/** The table as it is: what the stream's changes add up to. */
export class Table {
  readonly #rows = new Map<string, PlannedRow>()
  readonly #deleted = new Set<string>()

  /** Writes a row; `undefined` where there is nothing to delete, and so no change. */
  write(name: string, image: PlannedRow | undefined): Images | undefined {
    const old = this.#rows.get(name)
    if (old === undefined && image === undefined) return undefined
    if (image === undefined) {
      this.#rows.delete(name)
      this.#deleted.add(name)
    } else this.#rows.set(name, image)
    return { old, new: image }
  }

  /** Whether the row was ever deleted. */
  wasDeleted(name: string): boolean {
    return this.#deleted.has(name)
  }

  get rows(): readonly PlannedRow[] {
    return [...this.#rows.values()]
  }
}

/** What kind of change it is. `wasDeleted` says so of the row before. */
export function kindOf({ old, new: current }: Images, wasDeleted: boolean): ChangeSituation {
  if (old === undefined) return wasDeleted ? 'insert of a row that was deleted' : 'insert'
  if (current === undefined) return 'delete'
  if (old.status !== current.status || old.region !== current.region)
    return 'update that moves a row to other groups'
  return old.cents === current.cents ? 'update that changes nothing' : 'update within its groups'
}
