import { maximumNumberBytes, type Algebra } from './measures/measure.ts'

/** msgpack headers of a short list, of a longer one or a byte string, and of a short text. */
const listBytes = 1
const longHeaderBytes = 3
/** Sums, extremes and squares of what events usually measure: beyond 2^16, within 2^32 and beyond. */
const wholeBytes = 5
/** Of a text that is kept as the first or last, header included. */
const textBytes = 16
/** Values usually lie within so many powers of ten. */
const quantileDecades = 3
/** A bin's gap and its count (LEB128). */
const binBytes = 2.5
const hashBytes = 8
/** HyperLogLog's registers take 6 bits. */
const registerBytes = 6 / 8

/**
 * About how many bytes a measure's state takes in a head after so many events of one group, never more than the largest
 * one. A guess from the measure's kind: values decide it, and they are not known. Of a kind that is not known here, the
 * largest.
 */
export function typicalStateBytes(
  { kind, maximumStateBytes }: Pick<Algebra, 'kind' | 'maximumStateBytes'>,
  events: number,
): number {
  return Math.min(maximumStateBytes, bytesOfKind(kind, events) ?? maximumStateBytes)
}

function bytesOfKind(kind: string, events: number): number | undefined {
  const countBytes = wholeNumberBytes(events)
  if (kind.startsWith('[')) return ratioBytes(kind, events)
  const [, name = '', option = ''] = /^([a-z-]+)(?:[:(](.*?)\)?)?$/.exec(kind) ?? []
  switch (name) {
    case 'count':
      return countBytes
    case 'sum':
      return wholeBytes
    case 'mean':
      return listBytes + wholeBytes + countBytes
    case 'min':
    case 'max':
      return listBytes + wholeBytes
    case 'variance':
    case 'sample-variance':
    case 'standard-deviation':
    case 'sample-standard-deviation':
      return listBytes + countBytes + wholeBytes + maximumNumberBytes
    case 'first':
    case 'last':
      // The event's time is beyond 2^32, and its id three words of 32 bits.
      return listBytes + maximumNumberBytes + 3 * wholeBytes + textBytes
    case 'histogram': {
      const buckets = option.split(',').length + 1
      return longHeaderBytes + buckets * wholeNumberBytes(events / buckets)
    }
    case 'quantiles': {
      // Bins are powers of (1 + error) / (1 - error), whose logarithm is about twice the error.
      const bins = (quantileDecades * Math.log(10)) / (2 * Number.parseFloat(option))
      return listBytes + 2 * maximumNumberBytes + longHeaderBytes + binBytes * Math.min(events, bins)
    }
    case 'distinct':
      // All of the values are different, for it is not known how many are not.
      return longHeaderBytes + Math.min(hashBytes * events, registerBytes * 2 ** Number(option))
    default:
      return undefined
  }
}

function ratioBytes(kind: string, events: number): number | undefined {
  const [, ...terms] = JSON.parse(kind) as string[]
  let bytes = listBytes
  for (const term of terms) {
    const ofTerm = bytesOfKind(term, events)
    if (ofTerm === undefined) return undefined
    bytes += ofTerm
  }
  return bytes
}

/** A whole number from 0 to 2^32 in msgpack. */
function wholeNumberBytes(value: number): number {
  if (value < 2 ** 7) return 1
  if (value < 2 ** 8) return 2
  return value < 2 ** 16 ? 3 : wholeBytes
}
