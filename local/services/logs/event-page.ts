import type { LogEvent } from './log-group.ts'

/** The most bytes of events in an answer. Source: CloudWatch Logs API Reference, "GetLogEvents" and "FilterLogEvents". */
const maximumPageBytes = 1024 * 1024

/** The first of these events that fit one answer of so many events; at least one of them if there are any. */
export function firstPage(events: Iterable<LogEvent>, limit: number): LogEvent[] {
  const page: LogEvent[] = []
  let pageBytes = 0
  for (const event of events) {
    pageBytes += event.sizeBytes
    if (page.length === limit || (page.length > 0 && pageBytes > maximumPageBytes)) break
    page.push(event)
  }
  return page
}
