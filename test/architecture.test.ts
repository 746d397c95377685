import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'

const projectRoot = join(import.meta.dirname, '..')
const folders = new Set(['bench', 'consumers', 'demo', 'infra', 'local', 'producers', 'query', 'test'])
/** A test file is a list of cases and may be longer than code. */
const maximumLines = { code: 400, test: 600 }

/** The folder of a pipeline, whatever its name. */
const pipeline = 'consumers/(?!(?:engine|sources|adapters)/)([^/]+)'
/** Who may import whom; an import that matches none of these is wrong. */
const arrows = [
  'consumers/engine/.* -> consumers/engine/.*',
  'consumers/sources/.* -> consumers/(sources|engine)/.*',
  'consumers/adapters/.* -> consumers/((adapters|engine)/.*|settings.ts)',
  `${pipeline}/pipeline.ts -> consumers/(engine/.*|\\1/event.ts)`,
  `${pipeline}/handler.ts -> consumers/((sources|adapters|engine|\\1)/.*|settings.ts)`,
  `consumers/pipelines.ts -> (consumers/engine/pipeline.ts|${pipeline}/pipeline.ts)`,
  `infra/.* -> (infra/.*|consumers/(settings|pipelines).ts|${pipeline}/pipeline.ts)`,
  // A command, as those of producers and query are.
  'infra/tune.ts -> command-line.ts',
  `producers/.* -> (producers/.*|command-line.ts|${pipeline}/event.ts)`,
  `query/.* -> (query/.*|command-line.ts|consumers/(engine|adapters)/.*|consumers/(settings|pipelines).ts|${pipeline}/pipeline.ts)`,
  'local/.* -> local/.*',
  'local/momento/main.ts -> command-line.ts',
  'demo/.* -> (demo/.*|command-line.ts|local/(main|synthesise).ts)',
].map((arrow) => new RegExp(`^${arrow.replaceAll('.ts', String.raw`\.ts`)}$`))

/** Hashing, comparing and coding; of zod its types. */
const enginePackages = /^(node:(crypto|util|zlib)|msgpackr)$/
/** Time, chance and the process reach the engine through its ports only. */
const impure =
  /\b(Date|performance|set(?:Timeout|Interval|Immediate)|queueMicrotask|process|console|globalThis|fetch|Math\.random|random(?:Bytes|UUID|Int)|getRandomValues)\b/g
const importSpecifier = /\b(?:from|import|require)\s*\(?\s*(['"`])([^'"`]*)\1/g
const mayImportAnything = /^(bench|test)\//
/** Loads the functions' own code, as Lambda does. */
const mayImportComputed = 'local/lambda/load-handler.mjs'
const fileName = /^[a-z0-9]+([-.][a-z0-9]+)*\.(ts|mjs)$/
const emptyName = /^(common|misc|managers?)\.|(^|-)(utils?|helpers?)\./

function violations(path: string, text: string): string[] {
  const code = withoutComments(text)
  const found = mayImportAnything.test(path) ? [] : importViolations(path, code)
  if (path.startsWith('consumers/engine/')) {
    for (const [word] of withoutTexts(code).matchAll(impure)) found.push(`${path}: the engine uses ${word}`)
  }
  if (/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s/m.test(code)) found.push(`${path}: has an enum`)
  const name = posix.basename(path)
  if (!fileName.test(name)) found.push(`${path}: is not kebab-case`)
  if (emptyName.test(name)) found.push(`${path}: is named after nothing`)
  const lines = text.split('\n').length - 1
  const mostLines = path.startsWith('test/') ? maximumLines.test : maximumLines.code
  if (lines > mostLines) found.push(`${path}: has ${lines} lines, over ${mostLines}`)
  return found
}

function importViolations(path: string, code: string): string[] {
  const found: string[] = []
  for (const { 2: specifier = '', index } of code.matchAll(importSpecifier)) {
    const isTypeOfZod = specifier === 'zod' && /import type [^'"]*$/.test(code.slice(0, index))
    if (specifier.startsWith('.')) {
      const arrow = `${path} -> ${posix.join(posix.dirname(path), specifier)}`
      if (!arrows.some((permitted) => permitted.test(arrow))) found.push(arrow)
    } else if (/^[/#]|^file:|^streamtally/.test(specifier)) found.push(`${path}: imports ${specifier}`)
    else if (path.startsWith('consumers/engine/') && !enginePackages.test(specifier) && !isTypeOfZod)
      found.push(`${path}: the engine imports ${specifier}`)
  }
  if (path !== mayImportComputed && /\bimport\s*\(\s*[^'"`\s]/.test(code))
    found.push(`${path}: imports what it computes`)
  return found
}

const textOrComment = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

function withoutComments(code: string): string {
  return code.replaceAll(textOrComment, (match) => (match.startsWith('/') ? ' ' : match))
}

function withoutTexts(code: string): string {
  return code.replaceAll(textOrComment, "''")
}

function sourceFiles(): string[] {
  return readdirSync(projectRoot, { withFileTypes: true })
    .flatMap((entry) => {
      if (!entry.isDirectory()) return [entry.name]
      if (!folders.has(entry.name)) return []
      return readdirSync(join(projectRoot, entry.name), { recursive: true, encoding: 'utf8' }).map((path) =>
        posix.join(entry.name, path.replaceAll('\\', '/')),
      )
    })
    .filter((path) => /\.m?[tj]s$/.test(path))
}

describe('the architecture', () => {
  const files = sourceFiles()

  it('holds in every file', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.flatMap((path) => violations(path, readFileSync(join(projectRoot, path), 'utf8')))).toEqual(
      [],
    )
  })

  it.each([
    ['consumers/engine/read.ts', "import { metric } from '../settings.ts'"],
    ['consumers/engine/read.ts', "import type { MomentoClients } from '../adapters/momento-clients.ts'"],
    ['consumers/engine/measures/sum.ts', "export { kinesisRecords } from '../../sources/kinesis.ts'"],
    ['consumers/engine/read.ts', "import { CacheClient } from '@gomomento/sdk'"],
    ['consumers/engine/read.ts', "import * as z from 'zod'"],
    ['consumers/sources/kinesis.ts', "import '../adapters/telemetry.ts'"],
    ['consumers/settings.ts', "import { flights } from './flights/pipeline.ts'"],
    ['consumers/flights/event.ts', "import { count } from '../engine/pipeline.ts'"],
    ['consumers/flights/pipeline.ts', "import { orderSchema } from '../orders/event.ts'"],
    ['consumers/flights/pipeline.ts', "import { kinesisRecords } from '../sources/kinesis.ts'"],
    ['consumers/flights/handler.ts', "import { orders } from '../orders/pipeline.ts'"],
    ['infra/app.ts', "import { handler } from '../consumers/flights/handler.ts'"],
    ['infra/app.ts', "import { minutes } from '../consumers/engine/windows.ts'"],
    ['infra/app.ts', "import { share } from '../command-line.ts'"],
    ['producers/flights.ts', "import { flights } from '../consumers/flights/pipeline.ts'"],
    ['query/query.ts', "import { kinesisRecords } from '../consumers/sources/kinesis.ts'"],
    ['local/main.ts', "const read = await import('../consumers/engine/read.ts')"],
    ['local/main.ts', "type Flight = import('../consumers/flights/event.ts').Flight"],
    ['local/main.ts', "Promise.all([import('../consumers/settings.ts'), import('./metrics.ts')])"],
    ['local/main.ts', 'await import(handlerPath)'],
    ['local/momento/server.ts', "import { runCommand } from '../../command-line.ts'"],
    ['local/lambda/bootstrap.mjs', "import { handler } from '../../consumers/flights/handler.ts'"],
    ['demo/once.ts', "import { startMomento } from '../local/momento/server.ts'"],
    ['demo/once.ts', "import { flightSchema } from '../consumers/flights/event.ts'"],
    ['demo/recount.ts', "import { punctuality } from '../consumers/punctuality/pipeline.ts'"],
    ['demo/statistics.ts', "import { eventId } from '../consumers/engine/identity.ts'"],
    ['consumers/punctuality/pipeline.ts', "import { flightSchema } from '../flights/event.ts'"],
    ['command-line.ts', "import { read } from './consumers/engine/read.ts'"],
    ['query/query.ts', "import { read } from 'streamtally/consumers/engine/read.ts'"],
    ['consumers/engine/commit.ts', 'const nowMs = Date.now()'],
    ['consumers/engine/commit.ts', 'const today = new Date()'],
    ['consumers/engine/commit.ts', 'const jitter = Math.random()'],
    ['consumers/engine/commit.ts', 'setTimeout(retry, 10)'],
    ['consumers/engine/commit.ts', "if (process.env['DEBUG']) retry()"],
    ['local/lane.ts', 'export const enum State { idle }'],
    ['local/Lane.ts', ''],
    ['local/lane_state.ts', ''],
    ['local/utils.ts', ''],
    ['local/lane-helpers.ts', ''],
    ['local/manager.test.ts', ''],
  ])('is broken by %s with %j', (path, text) => {
    expect(violations(path, text)).toHaveLength(1)
  })

  it.each([
    ['consumers/engine/read.ts', "// import { metric } from '../settings.ts'\n/* Date.now() */"],
    ['consumers/engine/read.ts', "const detail = 'the time of a process: Date'"],
    ['consumers/engine/read.ts', "import type * as z from 'zod'"],
    ['test/local/main.test.ts', "import { read } from '../../consumers/engine/read.ts'"],
    ['consumers/engine/read.ts', "import { hash } from 'node:crypto'"],
    ['consumers/orders/pipeline.ts', "import { orderSchema } from './event.ts'"],
    ['producers/orders.ts', "import type { Order } from '../consumers/orders/event.ts'"],
  ])('is not broken by %s with %j', (path, text) => {
    expect(violations(path, text)).toEqual([])
  })

  it.each([
    ['local/lane.ts', 400],
    ['test/local/lane.test.ts', 600],
  ])('is broken by %s of more than %i lines', (path, lines) => {
    expect(violations(path, '\n'.repeat(lines + 1))).toHaveLength(1)
    expect(violations(path, '\n'.repeat(lines))).toEqual([])
  })
})
