import { type Cell, emptyCell, nonceBytes } from './cell.ts'
import { decodeCell } from './codec.ts'
import { DamagedBytesError } from './errors.ts'
import type { Pipeline } from './pipeline.ts'
import type { Random, StoredBytes } from './ports.ts'
import type { Requests } from './requests.ts'
import { sameBytes, type WarmCells } from './warm-cells.ts'

/** What an attempt starts from. Without a hash there is nothing to replace; without bytes nothing to swap unchanged. */
export interface Base {
  readonly cell: Cell
  readonly bytes?: Uint8Array
  readonly hash?: Uint8Array
}

/** Reads what an attempt starts from: a miss and a confirmed loss are cells that hold nothing yet. */
export async function readBase(
  pipeline: Pipeline,
  address: string,
  isConsistent: boolean,
  requests: Requests,
  random: Random,
  warm: WarmCells,
): Promise<Base> {
  const created = (lossy: boolean): Cell => emptyCell(pipeline, address, random.bytes(nonceBytes), lossy)
  const consistency = isConsistent ? 'consistent' : 'balanced'
  const parse = (stored: StoredBytes | undefined): Base => {
    if (stored === undefined) return { cell: created(false) }
    try {
      return { cell: decodeCell(pipeline, address, stored.bytes), ...stored }
    } catch (error) {
      // What cannot be read is lost as a whole; its hash stays, for the swap that puts another incarnation in its place.
      if (error instanceof DamagedBytesError) return { cell: created(true), hash: stored.hash }
      throw error
    }
  }
  let base = parse(await requests.read((store) => store.read(address, consistency)))
  const isDamaged = base.hash !== undefined && base.bytes === undefined
  // A balanced read may have met a torn or stale copy: only a consistent one, and that twice, confirms the loss.
  if (isDamaged && !isConsistent) throw new DamagedBytesError('a balanced read met damaged bytes')
  if (isDamaged) {
    const again = await requests.readAgain((store) => store.read(address, consistency))
    base = again === undefined ? { cell: created(true) } : parse(again)
  }
  if (base.bytes !== undefined && !contradictsMemory(base.cell, warm)) warm.remember(base.cell)
  return base
}

/**
 * The store has other than this instance once saw there: a miss, another incarnation, an older version, or another
 * content of the same one.
 */
export function contradictsMemory({ address, incarnation, version, nonce }: Cell, warm: WarmCells): boolean {
  const memory = warm.memory(address)
  if (memory === undefined) return false
  if (!sameBytes(memory.incarnation, incarnation) || version < memory.version) return true
  return version === memory.version && !sameBytes(memory.nonce, nonce)
}
