import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'

/**
 * The name of the log group of a pipeline's function. CloudFormation names it after the stack and its logical id, which
 * begins with the pipeline's name: `streamtally-dev-FlightsLogs1A2B3C4D-...`.
 * @throws Error of one line if there is no such group, or one in each of several stacks.
 */
export async function logGroupOf(
  client: CloudWatchLogsClient,
  pipelineName: string,
  abortSignal: AbortSignal,
): Promise<string> {
  const { paginateDescribeLogGroups } = await import('@aws-sdk/client-cloudwatch-logs')
  const logicalId = `${pascalCase(pipelineName)}Logs`
  const form = new RegExp(`-${logicalId}[0-9A-F]{8}(-|$)`)
  const names: string[] = []
  const input = { logGroupNamePattern: logicalId }
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, input, { abortSignal })) {
    names.push(...logGroups.flatMap(({ logGroupName }) => logGroupName ?? []))
  }
  const found = names.filter((name) => form.test(name))
  const [name] = found
  if (name === undefined) throw new Error(`no log group *-${logicalId}* is there; --log-group names another`)
  if (found.length > 1) throw new Error(`--log-group has to name one of ${found.join(', ')}`)
  return name
}

function pascalCase(kebabCase: string): string {
  return kebabCase.replaceAll(/(?:^|-)(.)/g, (_match, first: string) => first.toUpperCase())
}
