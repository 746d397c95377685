import type { OrderChange, OrderLife } from './order-lives.ts'
import { deleteLine, maximumItemsPerCall, moveLine, type OrderTable, putLines } from './order-table.ts'
import { pacedCount, type PacingClock, pacer, systemClock } from './pacing.ts'
import { TasksUnderWay } from './tasks-under-way.ts'

export interface WriteLivesOptions {
  readonly table: OrderTable
  /** Changes a second; default as fast as the table takes them. */
  readonly rate?: number
  /** Requests under way at once. */
  readonly concurrency: number
  /** Aborting it ends the writing: no new change is begun; those that were are made, also where they were refused. */
  readonly signal: AbortSignal
  /** Sees each change once the table has it. */
  readonly onChanged: (change: OrderChange) => void
  /** Sees each change that found its line in another status than it expected: somebody else's writes. Its life ends. */
  readonly onConflict: (change: OrderChange) => void
  /** What a rate goes by; its `sleep` ends early when `signal` aborts. Default: the system's. */
  readonly clock?: PacingClock
}

/** Lines that are alive at once: so many that few requests have to wait, and so few that each moves on soon. */
const maximumLinesAlive = 250

interface Task {
  readonly changes: number
  run(): Promise<void>
}

/**
 * Writes all lives: lines are placed in calls of 25, and moved on one by one in turn, each after its last change is
 * acknowledged. Resolves when all are over, or, after an abort, when every request that was begun has ended.
 * @throws the first failure of a request, after all requests under way have ended.
 */
export async function writeLives(lives: Iterator<OrderLife>, options: WriteLivesOptions): Promise<void> {
  const { rate, concurrency, signal } = options
  const pace = pacer(rate, options.clock ?? systemClock(signal))
  const underWay = new TasksUnderWay(concurrency)
  const ended = AbortSignal.any([signal, underWay.failed])
  const nextTask = tasksOf(lives, options)
  try {
    while (!ended.aborted) {
      const task = nextTask()
      if (task !== undefined) {
        await pace(task.changes)
        if (!ended.aborted) await underWay.begin(() => task.run())
      } else if (underWay.count > 0) await underWay.oneEnded()
      else break
    }
  } finally {
    await underWay.allEnded()
  }
  underWay.throwFailure()
}

/** Gives what may be done next; `undefined` where that depends on what is under way, or nothing is left. */
function tasksOf(
  lives: Iterator<OrderLife>,
  { table, rate, onChanged, onConflict }: WriteLivesOptions,
): () => Task | undefined {
  const linesPerCall = pacedCount(maximumItemsPerCall, rate)
  /** What is left of lives whose last change is acknowledged, the longest waiting first. */
  const waiting: (readonly OrderChange[])[] = []
  let alive = 0
  let isOver = false

  function goOn(changes: readonly OrderChange[]): void {
    if (changes.length > 0) waiting.push(changes)
    else alive--
  }

  function place(): Task | undefined {
    const placed = new Map<string, OrderLife>()
    while (placed.size < linesPerCall) {
      const next = lives.next()
      if (next.done === true) {
        isOver = true
        break
      }
      placed.set(next.value[0].new.lineId, next.value)
    }
    if (placed.size === 0) return undefined
    alive += placed.size
    const run = (): Promise<void> =>
      putLines(
        table,
        Array.from(placed.values(), ([first]) => first.new),
        ({ lineId }) => {
          const [first, ...later] = placed.get(lineId) ?? []
          if (first === undefined) return
          onChanged(first)
          goOn(later)
        },
      )
    return { changes: placed.size, run }
  }

  function moveOn(): Task | undefined {
    const [change, ...later] = waiting.shift() ?? []
    if (change?.old === undefined) return undefined
    const { old, new: current } = change
    const run = async (): Promise<void> => {
      const isDone =
        current === undefined ? await deleteLine(table, old) : await moveLine(table, old, current)
      if (isDone) onChanged(change)
      else onConflict(change)
      goOn(isDone ? later : [])
    }
    return { changes: 1, run }
  }

  return () => {
    const hasRoom = !isOver && alive + linesPerCall <= maximumLinesAlive
    return (hasRoom ? place() : undefined) ?? moveOn()
  }
}
