import { readFileSync } from 'node:fs'

// Prints the functions in which a CPU profile (`node --cpu-prof`) spent its time, their callees' not included.

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const mostShown = 25
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CpuProfile
const names = new Map(
  nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
    id,
    `${functionName || '(anonymous)'} ${url.split('/').at(-1)}:${lineNumber + 1}`,
  ]),
)
const selfUs = new Map<string, number>()
let totalUs = 0
for (const [index, id] of samples.entries()) {
  const name = names.get(id) ?? ''
  const us = timeDeltas[index] ?? 0
  if (name.startsWith('(idle)')) continue
  totalUs += us
  selfUs.set(name, (selfUs.get(name) ?? 0) + us)
}
const rows = [...selfUs].sort(([, a], [, b]) => b - a).slice(0, mostShown)
for (const [name, us] of rows) console.log(`| ${name} | ${((100 * us) / totalUs).toFixed(1)} % |`)
