import type { DeploymentPlan } from './plan.ts'
import { localAccountId, plannedSqsEndpoint } from './resource-names.ts'

/**
 * A plan in which each URL of a queue leads to where SQS runs: in the functions' variables, in secrets and in outputs.
 * The AWS SDK sends what is for a queue to the host of the queue's URL, whatever `AWS_ENDPOINT_URL_SQS` says.
 */
export function withQueuesAt(plan: DeploymentPlan, sqsEndpoint: string): DeploymentPlan {
  const located = (text: string): string =>
    text.replaceAll(`${plannedSqsEndpoint}/${localAccountId}/`, `${sqsEndpoint}/${localAccountId}/`)
  const allLocated = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, located(text)]))
  return {
    ...plan,
    secrets: plan.secrets.map((secret) => ({ ...secret, secretString: located(secret.secretString) })),
    functions: plan.functions.map((each) => ({ ...each, environment: allLocated(each.environment) })),
    outputs: allLocated(plan.outputs),
  }
}
