import type { ReportFailure } from '../../event-source-mapping/deliveries.ts'
import type { EventSourceMapping } from '../../event-source-mapping/mapping.ts'
import type { MappingProperties, MappingUpdate } from '../../event-source-mapping/properties.ts'

/** The states in which a mapping that is not being made or deleted may be. */
export type MappingState = 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling' | 'Updating'

/** Who is told of batches that a mapping gives up. */
export interface MappingDestination {
  readonly arn: string
  readonly reportFailure: ReportFailure
}

/** What is to change; `destination` null: nobody is told any more. */
export interface MappingChange {
  readonly settings: MappingUpdate
  readonly isEnabled?: boolean | undefined
  readonly destination?: MappingDestination | null | undefined
}

/** What {@link ControlledMapping} begins with. */
export interface ControlledMappingOptions {
  readonly mapping: EventSourceMapping
  readonly streamArn: string
  /** As the mapping has them. */
  readonly properties: MappingProperties
  readonly isEnabled: boolean
  readonly destinationArn: string | undefined
  /** Epoch milliseconds. */
  readonly nowMs: number
}

/** A mapping as its owner sees it: what it was told last, and whether it has come to that. */
export class ControlledMapping {
  readonly mapping: EventSourceMapping
  readonly streamArn: string
  #properties: MappingProperties
  #isEnabled: boolean
  #destinationArn: string | undefined
  #lastModifiedMs: number
  #transition: MappingState | undefined

  constructor(options: ControlledMappingOptions) {
    this.mapping = options.mapping
    this.streamArn = options.streamArn
    this.#properties = options.properties
    this.#isEnabled = options.isEnabled
    this.#destinationArn = options.destinationArn
    this.#lastModifiedMs = options.nowMs
  }

  /** As it was told last. */
  get properties(): MappingProperties {
    return this.#properties
  }

  /** Whether it is to run. */
  get isEnabled(): boolean {
    return this.#isEnabled
  }

  /** Where reports of batches that are given up go, if anywhere. */
  get destinationArn(): string | undefined {
    return this.#destinationArn
  }

  /** Epoch milliseconds. */
  get lastModifiedMs(): number {
    return this.#lastModifiedMs
  }

  get state(): MappingState {
    return this.#transition ?? (this.#isEnabled ? 'Enabled' : 'Disabled')
  }

  /** Whether something is being changed; nothing else may be changed until then. */
  get isInTransition(): boolean {
    return this.#transition !== undefined
  }

  /**
   * Begins a change of settings that are known to be in range, and returns the state until it is done, which
   * takes as long as what is under way.
   */
  change({ settings, isEnabled = this.#isEnabled, destination }: MappingChange, nowMs: number): MappingState {
    const { mapping } = this
    if (this.isInTransition) throw new Error(`mapping ${this.#properties.uuid} is being changed`)
    const transition =
      isEnabled === this.#isEnabled ? 'Updating' : isEnabled ? ('Enabling' as const) : ('Disabling' as const)
    this.#transition = transition
    this.#properties = { ...this.#properties, ...settings }
    this.#lastModifiedMs = nowMs
    if (destination !== undefined) {
      this.#destinationArn = destination?.arn
      mapping.reportFailuresTo(destination?.reportFailure)
    }
    const changes = [Object.keys(settings).length > 0 ? mapping.update(settings) : Promise.resolve()]
    if (!isEnabled && this.#isEnabled) changes.push(mapping.stop())
    if (isEnabled && !this.#isEnabled) mapping.start()
    this.#isEnabled = isEnabled
    void Promise.all(changes).finally(() => {
      this.#transition = undefined
    })
    return transition
  }
}
