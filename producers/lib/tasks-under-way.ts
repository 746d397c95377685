/** Tasks that run at once, up to a bound. After the first failure `failed` is aborted, for its owner to begin no other. */
export class TasksUnderWay {
  readonly #most: number
  readonly #tasks = new Set<Promise<void>>()
  readonly #failures: unknown[] = []
  readonly #failed = new AbortController()

  constructor(most: number) {
    this.#most = most
  }

  get failed(): AbortSignal {
    return this.#failed.signal
  }

  get count(): number {
    return this.#tasks.size
  }

  /** Begins a task, and resolves when there is room for another. */
  async begin(run: () => Promise<void>): Promise<void> {
    const task = run()
      .catch((error: unknown) => {
        this.#failures.push(error)
        this.#failed.abort()
      })
      .finally(() => this.#tasks.delete(task))
    this.#tasks.add(task)
    if (this.#tasks.size >= this.#most) await this.oneEnded()
  }

  /** Resolves when one of the tasks under way has ended. */
  async oneEnded(): Promise<void> {
    await Promise.race(this.#tasks)
  }

  async allEnded(): Promise<void> {
    await Promise.all(this.#tasks)
  }

  /** @throws the first failure, if there was one. */
  throwFailure(): void {
    if (this.#failures.length > 0) throw this.#failures[0]
  }
}
