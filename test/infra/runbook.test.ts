import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { metric } from '../../consumers/settings.ts'
import { monitored, propertiesOf } from './monitored.ts'

const root = join(import.meta.dirname, '..', '..')
const runbook = readFileSync(join(root, 'infra', 'RUNBOOK.md'), 'utf8')
const chapters = new Map(
  runbook.split(/^## /m).map((chapter) => [chapter.split('\n', 1)[0] ?? '', chapter] as const),
)
/** Of the alarms, by heading. */
const sections = new Map(
  (chapters.get('Alarms') ?? '')
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section] as const),
)
/** What a link may lead to: GitHub's anchors of these headings. */
const anchors = new Set(
  Array.from(runbook.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  ),
)
const code = Array.from(
  runbook.matchAll(/```sh\n([\s\S]*?)```|`([^`]+)`/g),
  ([, block, inline]) => block ?? inline,
)
const { template } = monitored()
const linked = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm']
  .flatMap((type) => [...propertiesOf(template, type).values()])
  .map((properties) => z.looseObject({ AlarmDescription: z.string() }).parse(properties).AlarmDescription)
  .map((description) => /RUNBOOK\.md#(.*)$/.exec(description)?.[1] ?? '')

describe('the runbook', () => {
  it('has a section for every alarm, and none that no alarm leads to', () => {
    expect([...new Set(linked)].sort()).toEqual([...sections.keys()].sort())
  })

  it.each([...sections])(
    'says of %s what it means, where to look, how to fix it and how to verify that',
    (_, section) => {
      const parts = Array.from(section.matchAll(/^\*\*(\w+)\.\*\* \S/gm), ([, part]) => part)
      expect(parts).toEqual(['Means', 'Look', 'Fix', 'Verify'])
    },
  )

  it('has what its own links and those of the dashboard lead to', () => {
    const within = Array.from(runbook.matchAll(/\]\(#([^)]*)\)/g), ([, anchor]) => anchor)
    const [dashboard] = propertiesOf(template, 'AWS::CloudWatch::Dashboard').values()
    const { DashboardBody: body } = z.object({ DashboardBody: z.string() }).parse(dashboard)
    const onDashboard = Array.from(body.matchAll(/`([a-z-]+)`/g), ([, anchor]) => anchor)
    expect(onDashboard.length).toBeGreaterThan(10)
    expect([...within, ...onDashboard].filter((anchor) => !anchors.has(anchor ?? ''))).toEqual([])
  })

  it('names no command that there is not', () => {
    const json: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const { scripts } = z.looseObject({ scripts: z.record(z.string(), z.string()) }).parse(json)
    const named = code.flatMap((text = '') =>
      Array.from(text.matchAll(/npm run (\w+)/g), ([, name = '']) => name),
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([])
  })

  it('names no metric of the functions that they do not write', () => {
    const named = code.flatMap((text = '') =>
      Array.from(text.matchAll(/metric "\$STACK" (\w+) /g), ([, name = '']) => name),
    )
    expect(named.length).toBeGreaterThan(4)
    const written: readonly string[] = Object.values(metric)
    expect(named.filter((name) => !written.includes(name))).toEqual([])
  })

  it('has nothing in its blocks that a shell would not take', () => {
    const blocks = Array.from(runbook.matchAll(/```sh\n([\s\S]*?)```/g), ([, block = '']) => block)
    expect(blocks.length).toBeGreaterThan(15)
    for (const input of blocks)
      expect(() => execFileSync('bash', ['-n'], { input, stdio: 'pipe' })).not.toThrow()
  })
})
