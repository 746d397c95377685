import type { StoredState } from './stored-state.ts'

/** The newest that an instance has seen of a cell. */
export interface CellMemory {
  readonly incarnation: string
  readonly version: number
  readonly nonce: string
}

export type CellMemories = Map<string, CellMemory>

/** Notes what an instance was told of a cell; what contradicts its memory it does not take for news. */
export function rememberRead(memories: CellMemories, state: StoredState): void {
  if (!showsLoss(memories.get(state.address), state, state)) memories.set(state.address, memoryOf(state))
}

/** Notes what an instance has itself stored; a zombie's older swap is no news. */
export function rememberSwap(memories: CellMemories, state: StoredState): void {
  const known = memories.get(state.address)
  const isOlder = known?.incarnation === state.incarnation && known.version > state.version
  if (!isOlder) memories.set(state.address, memoryOf(state))
}

/**
 * Whether a swap shows that the cell had lost what the instance remembered: it is of another incarnation, or its base was
 * an older version, or another content of the same one. (A cell that was rolled back and has come further shows nothing.)
 */
export function showsLoss(
  memory: CellMemory | undefined,
  state: StoredState,
  base: Pick<StoredState, 'version' | 'nonce'> | undefined,
): boolean {
  if (memory === undefined) return false
  if (memory.incarnation !== state.incarnation) return true
  const version = base?.version ?? 0
  return version < memory.version || (version === memory.version && base?.nonce !== memory.nonce)
}

function memoryOf({ incarnation, version, nonce }: StoredState): CellMemory {
  return { incarnation, version, nonce }
}
