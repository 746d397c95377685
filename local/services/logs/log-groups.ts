import { AwsServiceError } from '../aws-json-server.ts'
import { LogGroup, type LogGroupLimits } from './log-group.ts'

/** What {@link LogGroups} needs; limits are those of each group. */
export interface LogGroupsOptions extends LogGroupLimits {
  readonly region: string
  readonly accountId: string
  readonly nowMs: () => number
}

/** All log groups, in memory. */
export class LogGroups {
  readonly #options: LogGroupsOptions
  readonly #groups = new Map<string, LogGroup>()

  constructor(options: LogGroupsOptions) {
    this.#options = options
  }

  /** Creates a group; one that is there stays as it is. */
  create(name: string): void {
    const { region, accountId, nowMs } = this.#options
    const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`
    if (!this.#groups.has(name)) this.#groups.set(name, new LogGroup(name, arn, nowMs(), this.#options))
  }

  /** Adds an event to a group that exists; throws as {@link LogGroups.get} does. */
  add(groupName: string, streamName: string, timestampMs: number, message: string): void {
    this.get(groupName).add(streamName, timestampMs, message, this.#options.nowMs())
  }

  /** The group of a name or an ARN, with or without `:*`; throws `ResourceNotFoundException` if there is none. */
  get(nameOrArn: string): LogGroup {
    const arn = nameOrArn.replace(/:\*$/, '')
    const group = this.#groups.get(nameOrArn) ?? this.all().find((each) => each.arn === arn)
    if (group !== undefined) return group
    throw new AwsServiceError('ResourceNotFoundException', 'The specified log group does not exist.')
  }

  /** By name. */
  all(): LogGroup[] {
    return [...this.#groups.values()].toSorted((one, other) => compareTexts(one.name, other.name))
  }
}

/** Orders texts by their UTF-16 code units, whatever the locale. */
export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
