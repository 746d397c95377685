import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Stack } from 'aws-cdk-lib'
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { bundledCode } from '../../../infra/constructs/bundled-code.ts'

const assetsSchema = z.looseObject({
  files: z.record(z.string(), z.looseObject({ source: z.looseObject({ path: z.string() }) })),
})

it('gives each function of an app its own code', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bundled-code-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const app = new App({ outdir: join(directory, 'cdk.out') })
  const stack = new Stack(app, 'test')
  for (const name of ['flights', 'orders']) {
    const entry = join(directory, `${name}.ts`)
    writeFileSync(entry, `export const handler = () => 'of ${name}'`)
    new LambdaFunction(stack, name, {
      code: bundledCode(entry, directory),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
    })
  }
  const { directory: assembly } = app.synth()
  const { files } = assetsSchema.parse(JSON.parse(readFileSync(join(assembly, 'test.assets.json'), 'utf8')))
  const code = Object.values(files).flatMap(({ source }) =>
    source.path.startsWith('asset.') ? [readFileSync(join(assembly, source.path, 'index.mjs'), 'utf8')] : [],
  )
  const names = code.map((text) => /of (flights|orders)/.exec(text)?.[1] ?? '')
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(['flights', 'orders'])
})
