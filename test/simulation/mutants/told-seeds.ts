import { type WorldName, worlds } from '../worlds.ts'

export { explore } from '../explorer/explore.ts'

/** What one seed’s story came to. */
export interface ToldSeed {
  readonly trace: string
  /** The invariant that it broke. */
  readonly broke: string | undefined
}

/** A story that throws, or does not end, breaks this. */
const ends = 'every story comes to its end'

/** Tells a world’s story of a seed with the engine that this module is bundled with. */
export async function tellSeed(seed: number, world: WorldName): Promise<ToldSeed> {
  try {
    const telling = worlds[world]
    const { trace, violation } = await telling.tellStory(telling.planOf(seed))
    return { trace, broke: violation?.invariant }
  } catch (error) {
    return { trace: String(error), broke: ends }
  }
}
