// Imports the bundle that it is told, starts it, lets it answer once, and tells what that took.
const startMs = performance.now()
const before = process.cpuUsage()
const { start } = await import(process.argv[2] ?? '')
const { user, system } = process.cpuUsage(before)
const importMs = performance.now() - startMs
const answer = await start()
await answer()
const firstAnswerMs = performance.now() - startMs
process.send?.({ importCpuMs: (user + system) / 1_000, importMs, firstAnswerMs }, undefined, undefined, () =>
  process.exit(),
)
