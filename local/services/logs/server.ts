import type { RunningService } from '../aws-json-server.ts'
import { startAwsJsonServer } from '../aws-json-server.ts'
import { describeLogGroups } from './describe-log-groups.ts'
import { describeLogStreams } from './describe-log-streams.ts'
import { filterLogEvents } from './filter-log-events.ts'
import { getLogEvents } from './get-log-events.ts'
import type { LogGroups } from './log-groups.ts'

/** Serves what is read of the groups as CloudWatch Logs does, on 127.0.0.1; `port` is any free one by default. */
export function startLogsServer(groups: LogGroups, port = 0): Promise<RunningService> {
  return startAwsJsonServer({
    targetPrefix: 'Logs_20140328',
    operations: {
      DescribeLogGroups: (input) => describeLogGroups(groups, input),
      DescribeLogStreams: (input) => describeLogStreams(groups, input),
      FilterLogEvents: (input) => filterLogEvents(groups, input),
      GetLogEvents: (input) => getLogEvents(groups, input),
    },
    port,
  })
}
