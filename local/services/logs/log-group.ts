/** The most events that a group keeps; the oldest go first. */
export const maximumGroupEvents = 100_000
/** The most bytes that a group keeps, each event counted as CloudWatch Logs does; the oldest go first. */
export const maximumGroupBytes = 32 * 1024 * 1024
/** What an event counts beside its message. Source: CloudWatch Logs quotas, "Batch size". */
export const eventOverheadBytes = 26

/** An event of a group, numbered from 0 in the order of arrival. */
export interface LogEvent {
  readonly sequence: number
  readonly streamName: string
  readonly timestampMs: number
  readonly ingestionMs: number
  readonly message: string
  readonly sizeBytes: number
}

/** A stream of a group, as its kept events say. */
export interface LogStream {
  readonly name: string
  readonly createdMs: number
  readonly lastEventMs: number
  readonly lastIngestionMs: number
}

/** How much a group keeps, if not the default. */
export interface LogGroupLimits {
  readonly maximumEvents?: number
  readonly maximumBytes?: number
}

interface KeptStream extends LogStream {
  readonly keptEvents: number
}

/**
 * A log group in memory. It keeps its latest events, within both limits, and the streams that have one of them; the
 * latest event is kept whatever its size.
 */
export class LogGroup {
  readonly name: string
  readonly arn: string
  readonly createdMs: number
  readonly #maximumEvents: number
  readonly #maximumBytes: number
  readonly #streams = new Map<string, KeptStream>()
  #events: LogEvent[] = []
  /** Events before this index are gone; they are cut off once they are half of the array. */
  #first = 0
  #nextSequence = 0
  #bytes = 0

  constructor(name: string, arn: string, createdMs: number, limits: LogGroupLimits = {}) {
    this.name = name
    this.arn = arn
    this.createdMs = createdMs
    this.#maximumEvents = limits.maximumEvents ?? maximumGroupEvents
    this.#maximumBytes = limits.maximumBytes ?? maximumGroupBytes
  }

  /** Bytes of the kept events. */
  get storedBytes(): number {
    return this.#bytes
  }

  /** The number that the next event gets. */
  get nextSequence(): number {
    return this.#nextSequence
  }

  /** Adds an event to a stream, which thereby exists; `timestampMs` is when it was logged. */
  add(streamName: string, timestampMs: number, message: string, ingestionMs: number): void {
    const sizeBytes = Buffer.byteLength(message) + eventOverheadBytes
    this.#events.push({
      sequence: this.#nextSequence++,
      streamName,
      timestampMs,
      ingestionMs,
      message,
      sizeBytes,
    })
    this.#bytes += sizeBytes
    const stream = this.#streams.get(streamName)
    this.#streams.set(streamName, {
      name: streamName,
      createdMs: stream?.createdMs ?? ingestionMs,
      lastEventMs: Math.max(timestampMs, stream?.lastEventMs ?? timestampMs),
      lastIngestionMs: ingestionMs,
      keptEvents: (stream?.keptEvents ?? 0) + 1,
    })
    while (this.#isOverfull()) this.#dropOldest()
  }

  /** The kept events from a number on, in the order of arrival. */
  eventsFrom(sequence: number): LogEvent[] {
    const firstSequence = this.#nextSequence - (this.#events.length - this.#first)
    return this.#events.slice(this.#first + Math.max(0, sequence - firstSequence))
  }

  /** The stream of that name, if one of its events is kept. */
  stream(name: string): LogStream | undefined {
    return this.#streams.get(name)
  }

  streams(): LogStream[] {
    return [...this.#streams.values()]
  }

  #isOverfull(): boolean {
    const count = this.#events.length - this.#first
    return count > 1 && (count > this.#maximumEvents || this.#bytes > this.#maximumBytes)
  }

  #dropOldest(): void {
    const event = this.#events[this.#first]
    if (event === undefined) return
    this.#bytes -= event.sizeBytes
    const stream = this.#streams.get(event.streamName)
    if (stream !== undefined && stream.keptEvents > 1)
      this.#streams.set(stream.name, { ...stream, keptEvents: stream.keptEvents - 1 })
    else this.#streams.delete(event.streamName)
    this.#first++
    if (this.#first * 2 < this.#events.length) return
    this.#events = this.#events.slice(this.#first)
    this.#first = 0
  }
}
