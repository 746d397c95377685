/** A request id in the form of Lambda's, a version 4 UUID, drawn from `random` (from 0 to below 1). */
export function createRequestId(random: () => number): string {
  const pick = (from: string): string => from.charAt(Math.floor(random() * from.length))
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => pick('0123456789abcdef')).join('')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${pick('89ab')}${hex(3)}-${hex(12)}`
}
