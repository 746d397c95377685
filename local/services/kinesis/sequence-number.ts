/**
 * Sequence numbers have 56 digits, as those of Kinesis have: a version, when the shard was created, which shard,
 * and a counter. All have one length, so they compare as numbers by comparing as strings.
 */
const numberVersion = '49'
const createdDigits = 13
const shardDigits = 12
const counterDigits = 29
const sequenceNumberForm = new RegExp(
  `^${numberVersion}\\d{${createdDigits}}(\\d{${shardDigits}})\\d{${counterDigits}}$`,
)

/** The name of a shard from its index, such as `shardId-000000000003`. */
export function shardIdOf(shardIndex: number): string {
  return `shardId-${String(shardIndex).padStart(shardDigits, '0')}`
}

/** What all sequence numbers of a shard begin with; `createdMs` is whole epoch milliseconds. */
export function sequencePrefix(createdMs: number, shardIndex: number): string {
  return (
    numberVersion +
    String(createdMs).padStart(createdDigits, '0') +
    String(shardIndex).padStart(shardDigits, '0')
  )
}

/** The sequence number of the record with this count in the shard; 0 is the shard's start, which no record has. */
export function sequenceNumber(prefix: string, count: number): string {
  return prefix + String(count).padStart(counterDigits, '0')
}

/** The count in a sequence number of the shard with this prefix; not exact from 2^53 on, where no record is. */
export function countIn(number: string, prefix: string): number {
  return Number(number.slice(prefix.length))
}

/** The shard that a sequence number says it is from, or undefined if it has not the form of one. */
export function shardIdIn(candidate: string): string | undefined {
  const digits = sequenceNumberForm.exec(candidate)?.[1]
  return digits === undefined ? undefined : `shardId-${digits}`
}
