/**
 * The records of a Lambda event.
 * @throws Error where the event is no batch at all: then there is nothing to report on.
 */
export function recordsIn(event: unknown): readonly unknown[] {
  const records = field(event, 'Records')
  if (!Array.isArray(records))
    throw new Error('the event has no Records: it does not come from an event source mapping')
  return records
}

/** An own member of what may be anything. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/** The own members of what may be anything. */
export function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return {}
  // Plain objects, as JSON makes them, inherit nothing that is asked for here: they need no copy.
  return Object.getPrototypeOf(value) === Object.prototype ? (value as Record<string, unknown>) : { ...value }
}
