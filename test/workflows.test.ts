import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { stages } from '../infra/stages.ts'

const projectRoot = join(import.meta.dirname, '..')
const folder = join(projectRoot, '.github', 'workflows')
const read = (...path: string[]): string => readFileSync(join(projectRoot, ...path), 'utf8')

const permissionsSchema = z.record(z.string(), z.enum(['read', 'write']))
const stepSchema = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.looseObject({}).optional(),
})
const workflowSchema = z.looseObject({
  on: z.looseObject({}),
  permissions: permissionsSchema,
  concurrency: z.object({ group: z.string(), 'cancel-in-progress': z.string() }),
  jobs: z.record(
    z.string(),
    z.looseObject({
      if: z.string().optional(),
      needs: z.string().optional(),
      environment: z.string().optional(),
      'timeout-minutes': z.number(),
      permissions: permissionsSchema,
      steps: z.array(stepSchema),
    }),
  ),
})

const workflows = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8')
  return { name, text, workflow: workflowSchema.parse(parse(text)) }
})

function jobsOf(name: string): z.infer<typeof workflowSchema>['jobs'] {
  return workflows.find((each) => each.name === name)?.workflow.jobs ?? {}
}

it('there is a workflow', () => {
  expect(workflows.map(({ name }) => name)).toEqual(['deploy.yml'])
})

describe.each(workflows)('$name', ({ text, workflow }) => {
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

  it('pins every action to a commit, with the version beside it', () => {
    const uses = [...text.matchAll(/^.*\buses:.*$/gm)].map(([line]) => line.trim())
    expect(uses).toHaveLength(steps.filter((step) => step.uses !== undefined).length)
    const pinned = /^- uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/
    expect(uses.filter((line) => !pinned.test(line))).toEqual([])
  })

  it('calls one action by one commit everywhere', () => {
    const commits = new Set(steps.flatMap((step) => step.uses ?? []))
    const actions = new Set([...commits].map((use) => use.split('@')[0]))
    expect(commits.size).toBe(actions.size)
  })

  it('runs only scripts that package.json and .ci have', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    const commands = [...steps.map((step) => step.run ?? ''), read('.ci', 'run')].join('\n')
    const called = [...commands.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start))/g)].map(
      ([, script, alone]) => script ?? alone ?? '',
    )
    expect(called).toEqual(expect.arrayContaining(['diff', 'deploy', 'check', 'synth', 'test']))
    expect(called.filter((script) => scripts[script] === undefined)).toEqual([])
  })

  it('may do nothing but what a job says, and leaves no token behind in the checkout', () => {
    expect(workflow.permissions).toEqual({})
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts).toHaveLength(Object.keys(workflow.jobs).length)
    for (const step of checkouts) expect(step.with).toMatchObject({ 'persist-credentials': false })
  })

  it('ends by itself, and puts nothing that strangers write into a command', () => {
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    const inserted = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, what]) => what?.trim()),
    )
    expect(inserted.filter((what) => what !== 'matrix.stage')).toEqual([])
  })

  it('installs before there are credentials', () => {
    const order = Object.values(workflow.jobs).map((job) =>
      job.steps.flatMap(({ uses, run }) => {
        if (run?.startsWith('npm ci')) return 'install'
        return uses?.startsWith('aws-actions/configure-aws-credentials@') ? 'credentials' : []
      }),
    )
    const withCredentials = order.filter((names) => names.includes('credentials'))
    expect(withCredentials).toEqual(withCredentials.map(() => ['install', 'credentials']))
    expect(withCredentials).toHaveLength(3)
  })
})

describe('deploy.yml', () => {
  const { check, diff, ...deployments } = jobsOf('deploy.yml')

  it('checks with no rights but to read the code', () => {
    expect(check?.permissions).toEqual({ contents: 'read' })
    expect(check?.steps.at(-1)?.run).toBe('.ci/run')
  })

  it('says on pull requests of this repository what each stage would become', () => {
    expect(diff?.permissions).toEqual({ contents: 'read', 'id-token': 'write', 'pull-requests': 'write' })
    expect(diff?.if).toContain("github.event_name == 'pull_request'")
    expect(diff?.if).toContain('head.repo.full_name == github.repository')
    expect(diff).toMatchObject({ needs: 'check', strategy: { matrix: { stage: Object.keys(stages) } } })
  })

  it('deploys each stage from its environment, after the checks and the stage before it', () => {
    expect(
      Object.entries(deployments).map(([name, job]) => [
        name,
        job.needs,
        job.environment,
        job.if,
        job.permissions,
      ]),
    ).toEqual(
      [
        ['dev', 'check'],
        ['prod', 'deploy-dev'],
      ].map(([stage, needs]) => [
        `deploy-${stage}`,
        needs,
        stage,
        "github.event_name == 'push'",
        { contents: 'read', 'id-token': 'write' },
      ]),
    )
    for (const [name, job] of Object.entries(deployments))
      expect(`npm run deploy -- -c stage=${name.slice('deploy-'.length)} --require-approval never`).toBe(
        job.steps.at(-1)?.run,
      )
  })

  it('cuts off no deployment', () => {
    const [{ workflow } = { workflow: undefined }] = workflows
    expect(workflow?.concurrency['cancel-in-progress']).toBe("${{ github.event_name == 'pull_request' }}")
  })

  it('says which stages the checks synthesise: all', () => {
    expect(read('.ci', 'run')).toContain(`for stage in ${Object.keys(stages).join(' ')};`)
  })
})
