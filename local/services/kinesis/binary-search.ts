/**
 * The first position from 0 to `length` at which `holds` is true, or `length` if there is none.
 *
 * `holds` must be false up to some position and true from there on.
 */
export function firstPosition(length: number, holds: (position: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
