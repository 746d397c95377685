import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { barChart } from './bar-chart.ts'
import { bundle } from './bundle.ts'
import { Arena } from './contestants.ts'
import { functionEnvironment } from './peers/function-environment.ts'
import { median, publish, rounded } from './results.ts'

// What a new execution environment loads, and how long until it has answered for the first time, beside a function that
// has nothing but the Momento SDK. Every sample is a process of its own, and the two take turns.

interface ColdStart {
  readonly importCpuMs: number
  readonly importMs: number
  readonly firstAnswerMs: number
}

const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const samples = quick ? 7 : 40
const entries = { 'the Momento SDK alone': 'momento-alone', streamtally: 'flights-start' } as const

const arena = await Arena.open()
const { momento, cacheName } = arena.places
const env = {
  PATH: process.env['PATH'],
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ...functionEnvironment(arena.places),
}
try {
  const functions = await Promise.all(
    Object.entries(entries).map(async ([name, file]) => ({
      name,
      path: join(arena.folder, `${file}.mjs`),
      ...(await bundle(file, join('bench', 'peers', `${file}.ts`), arena.folder)),
      starts: [] as ColdStart[],
    })),
  )
  // The first of each brings its file into the system's cache.
  for (let sample = -1; sample < samples; sample++) {
    for (const { path, starts } of functions) {
      const start = await coldStart(path)
      if (sample >= 0) starts.push(start)
    }
  }
  const rows = functions.map(({ name, bytes, bytesAtInit, starts }) => ({
    function: name,
    'bytes loaded at init': bytesAtInit,
    'bytes in all': bytes,
    'CPU of the import, ms': rounded(median(starts.map(({ importCpuMs }) => importCpuMs))),
    'import, ms': rounded(median(starts.map(({ importMs }) => importMs))),
    'first answer, ms': rounded(median(starts.map(({ firstAnswerMs }) => firstAnswerMs))),
  }))
  const [alone, ours] = rows
  if (alone === undefined || ours === undefined) throw new Error('nothing was measured')
  await publish({
    name: 'cold-start',
    question: 'What does a new execution environment load, and when has it answered for the first time?',
    isQuick: quick,
    seed: 0,
    tables: [rows],
    figures: {
      importTimesMomentoAlone: rounded(ours['CPU of the import, ms'] / alone['CPU of the import, ms']),
      firstAnswerTimesMomentoAlone: rounded(ours['first answer, ms'] / alone['first answer, ms']),
      bytesLoadedAtInit: ours['bytes loaded at init'],
    },
    doesNotShow: [
      'what Lambda does before the code is loaded, and how much slower it reads the code',
      'TLS, and the network to Secrets Manager and Momento',
      'the 2 processors that an environment has while it initialises, whatever its memory',
    ],
    plot: barChart({
      title: 'A new environment',
      xLabel: 'ms',
      bars: rows.flatMap((row) => [
        { label: `${row.function}: import`, value: row['import, ms'] },
        { label: `${row.function}: first answer`, value: row['first answer, ms'] },
      ]),
    }),
  })
} finally {
  await arena.close()
}

async function coldStart(path: string): Promise<ColdStart> {
  const child = fork(
    join(import.meta.dirname, 'cold-sample.mjs'),
    [path, JSON.stringify({ ...momento, cacheName })],
    {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  )
  const exit = once(child, 'exit')
  const sample = await Promise.race([once(child, 'message'), exit.then(() => [])])
  await exit
  const [start] = sample as readonly (ColdStart | undefined)[]
  if (start === undefined) throw new Error(`${path} has ended without an answer`)
  return start
}
