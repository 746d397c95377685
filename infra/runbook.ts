import type { Construct } from 'constructs'

/**
 * The address of a section of the runbook. By default a path in this repository, which is right in every clone of it: the
 * app does not know where it is hosted. `cdk deploy -c runbookUrl=https://.../infra/RUNBOOK.md` makes it a link.
 */
export function runbookSection(scope: Construct, section: string): string {
  const url: unknown = scope.node.tryGetContext('runbookUrl')
  return `${typeof url === 'string' ? url : 'infra/RUNBOOK.md'}#${section}`
}

/** The same as Markdown, for texts of the dashboard, where a path would lead nowhere. */
export function runbookLink(scope: Construct, section: string): string {
  const address = runbookSection(scope, section)
  return /^https?:/.test(address) ? `[${section}](${address})` : `\`${section}\``
}
