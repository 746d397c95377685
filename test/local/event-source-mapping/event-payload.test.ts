import { describe, expect, it } from 'vitest'
import { type BufferedRecord, bufferRecord } from '../../../local/event-source-mapping/buffered-record.ts'
import {
  eventPayload,
  maximumPayloadBytes,
  measureBatch,
} from '../../../local/event-source-mapping/event-payload.ts'

const FRAME_BYTES = '{"Records":[]}'.length

function recordOf(bytes: number): BufferedRecord {
  const record = { sequenceNumber: '1', partitionKey: 'k', arrivalMs: 0, data: new Uint8Array() }
  return bufferRecord(record, `"${'x'.repeat(bytes - 2)}"`)
}

describe('the size of a batch', () => {
  it('is its batch size where that many records wait', () => {
    expect(measureBatch([recordOf(10), recordOf(10), recordOf(10)], 2)).toEqual({ records: 2, full: true })
  })

  it('leaves room for more where fewer wait', () => {
    expect(measureBatch([recordOf(10)], 2)).toEqual({ records: 1, full: false })
  })

  it('reaches exactly the largest payload, and not a byte more', () => {
    const first = recordOf(1000)
    const rest = maximumPayloadBytes - FRAME_BYTES - 1000 - ','.length
    const fitting = [first, recordOf(rest)]
    expect(measureBatch(fitting, 100)).toEqual({ records: 2, full: true })
    expect(Buffer.byteLength(eventPayload(fitting))).toBe(maximumPayloadBytes)
    expect(measureBatch([first, recordOf(rest + 1)], 100)).toEqual({ records: 1, full: true })
  })

  it('is one record where that is too large by itself', () => {
    const large = recordOf(maximumPayloadBytes)
    expect(measureBatch([large, recordOf(10)], 100)).toEqual({ records: 1, full: true })
    expect(measureBatch([large], 100)).toEqual({ records: 1, full: true })
  })

  it('counts bytes, not characters', () => {
    const record = { sequenceNumber: '1', partitionKey: 'k', arrivalMs: 0, data: new Uint8Array() }
    expect(bufferRecord(record, '"é"').jsonBytes).toBe(4)
  })
})
