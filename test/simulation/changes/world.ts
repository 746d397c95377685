import type { State } from '../../../consumers/engine/measures/measure.ts'
import type { Pipeline } from '../../../consumers/engine/pipeline.ts'
import type { ModelEvent } from '../model.ts'
import { World } from '../world.ts'
import { groupsOfRows, signedRows } from './model.ts'
import { ordersPipeline } from './pipeline.ts'
import type { ChangesPlan } from './plan.ts'
import { type ChangeSituation, type ChangeSituations, noChangeSituations } from './situations.ts'
import { type Images, Table } from './table.ts'

/** A world whose events are the changes of a table's rows. */
export class ChangesWorld extends World {
  override readonly pipeline: Pipeline<'place' | 'status'>
  readonly table = new Table()
  /** What each change was, by its event's id. */
  readonly images = new Map<string, Images>()
  readonly changeSituations: ChangeSituations = noChangeSituations()

  constructor(plan: ChangesPlan, tells: boolean) {
    super(plan, tells)
    this.pipeline = ordersPipeline(plan.world)
  }

  override groupsOf(events: readonly ModelEvent[]): readonly ReadonlyMap<string, readonly State[]>[] {
    return groupsOfRows(
      events.flatMap(({ id }) => {
        const images = this.images.get(id)
        return images === undefined ? [] : signedRows(images)
      }),
    )
  }

  /** Counts a situation. */
  sawChange(situation: ChangeSituation): void {
    this.changeSituations[situation]++
    this.trace.noteText(situation)
    this.tell(() => situation)
  }
}
