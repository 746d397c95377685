import { changes } from './changes/story.ts'
import { events } from './run.ts'

/** The worlds that stories are told of, by name. */
export const worlds = { events, changes } as const

export type WorldName = keyof typeof worlds

export const worldNames: readonly WorldName[] = ['events', 'changes']
