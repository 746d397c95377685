import type { SourceShard } from './stream-source.ts'

/** How far a mapping has come with a shard; of one that is missing nothing is read yet. */
export type ShardProgress = ReadonlyMap<string, 'open' | 'done'>

/**
 * The shards that may be read now: those not begun, all of whose parents are done. A parent that the stream no longer
 * lists has nothing left to read.
 *
 * Thus a record is delivered only when everything that its key had in earlier shards is (AWS Lambda Developer Guide,
 * "Using Lambda with Kinesis": a child only after its parents).
 */
export function readableShards(listed: readonly SourceShard[], progress: ShardProgress): SourceShard[] {
  const ids = new Set(listed.map(({ id }) => id))
  const isRead = (parentId: string): boolean => {
    const state = progress.get(parentId)
    return state === undefined ? !ids.has(parentId) : state === 'done'
  }
  return listed.filter(({ id, parentIds }) => !progress.has(id) && parentIds.every(isRead))
}
