import { parseArgs } from 'node:util'
import { Arena } from './contestants.ts'
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values
const arena = await Arena.open()
const now = Math.floor(Date.now() / 60_000) * 60_000
const c = {
  floor: await arena.contestant({ peer: 'floor', campaigns: 100, seed: 1, fromMs: now }),
  ours: await arena.contestant({ peer: 'streamtally', campaigns: 100, seed: 1, fromMs: now }),
}
for (const batchRecords of [100, 1000, 10000]) {
  for (let round = 0; round < (quick ? 5 : 10); round++) {
    const out: string[] = []
    for (const x of Object.values(c)) {
      const s = await x.take({ batches: 20_000 / batchRecords, batchRecords })
      out.push((s.cpuUs / 20_000).toFixed(2), (s.wallMs / 20).toFixed(2))
    }
    console.log(batchRecords, out.join(' '))
  }
}
await arena.close()
