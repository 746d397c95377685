import { type FaultName, faultNames, type Plan, type PlannedWorld } from './plan.ts'
import type { Outcome } from './story.ts'

/** Stories told in search of a smaller one. */
const maximumRuns = 300

/** The least that the world can be. */
const plainest: Partial<PlannedWorld> = {
  shards: 1,
  lanesPerShard: 1,
  buckets: 1,
  bisects: false,
  maximumAttempts: undefined,
  maximumRecordAgeMs: undefined,
  batchingWindowMs: 0,
  mappingDelayMs: 0,
  maximumGroups: 1_000,
}

/**
 * A smaller plan that breaks the same invariant: without the faults, the happenings, the records and the settings that
 * it does not take. Not the smallest, but one from which nothing of these can be left out alone.
 */
export async function shrink(
  plan: Plan,
  invariant: string,
  tellStory: (plan: Plan) => Promise<Outcome>,
): Promise<Plan> {
  let smallest = plan
  let candidates = 0
  const stillFails = async (candidate: Plan): Promise<boolean> => {
    if (candidates++ >= maximumRuns) return false
    const { violation } = await tellStory(candidate)
    return violation?.invariant === invariant
  }
  let isSmaller = true
  while (isSmaller) {
    isSmaller = false
    for (const reduce of reductions(smallest)) {
      const candidate = reduce(smallest)
      if (candidate !== undefined && (await stillFails(candidate))) {
        smallest = candidate
        isSmaller = true
      }
    }
  }
  return smallest
}

/** Each takes one thing away, or gives `undefined` where it is gone already. */
function reductions(plan: Plan): ((plan: Plan) => Plan | undefined)[] {
  return [
    ...faultNames.map((fault) => (from: Plan) => withoutFault(from, fault)),
    ...plan.happenings.map((happening) => (from: Plan) => {
      const happenings = from.happenings.filter((each) => each !== happening)
      return happenings.length < from.happenings.length ? { ...from, happenings } : undefined
    }),
    ...Object.entries(plainest).map(([name, value]) => (from: Plan) => {
      const isPlain = Object.entries(from.world).some(([key, each]) => key === name && each === value)
      return isPlain ? undefined : { ...from, world: { ...from.world, [name]: value } }
    }),
    ...[2, 4, 8, 16, 32].flatMap((parts) =>
      Array.from({ length: parts }, (_, part) => (from: Plan) => withoutPart(from, part, parts)),
    ),
  ]
}

function withoutFault(plan: Plan, fault: FaultName): Plan | undefined {
  return plan.faults[fault] === 0 ? undefined : { ...plan, faults: { ...plan.faults, [fault]: 0 } }
}

/** Events stay where they are: a record names its event by index. */
function withoutPart(plan: Plan, part: number, parts: number): Plan | undefined {
  const { length } = plan.records
  const [from, to] = [Math.floor((length * part) / parts), Math.floor((length * (part + 1)) / parts)]
  if (from === to || to - from === length) return undefined
  return { ...plan, records: plan.records.filter((_, index) => index < from || index >= to) }
}
