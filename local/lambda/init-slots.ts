import { availableParallelism } from 'node:os'

const waiting: (() => void)[] = []
let free = availableParallelism()

/**
 * Waits until one of the machine's cores is free for an INIT, and resolves with what gives it back. Environments that
 * all initialise at once are all late; one after the other, the first is not. In AWS each has its own machine.
 */
export async function takeInitSlot(): Promise<() => void> {
  if (free > 0) free--
  else await new Promise<void>((resolve) => waiting.push(resolve))
  let isTaken = true
  return () => {
    if (!isTaken) return
    isTaken = false
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
}
