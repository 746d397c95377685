import { describe, expect, it } from 'vitest'
import { createBatch } from '../../../local/event-source-mapping/batch.ts'
import { bufferRecord } from '../../../local/event-source-mapping/buffered-record.ts'
import {
  eventPayload,
  maximumPayloadBytes,
  measureBatch,
} from '../../../local/event-source-mapping/event-payload.ts'
import { callWithin } from '../../../local/event-source-mapping/tumbling-window.ts'
import { bufferedOf, recordOf } from './records.ts'

const FRAME_BYTES = '{"Records":[]}'.length
const ORIGIN = { shardId: 'shardId-000000000000', streamArn: 'arn:aws:kinesis:eu-west-1:0:stream/flights' }
const CALL = callWithin(0, 300_000)

describe('the size of a batch', () => {
  it('is its batch size where that many records wait', () => {
    expect(measureBatch([bufferedOf(10), bufferedOf(10), bufferedOf(10)], 2)).toEqual({
      records: 2,
      isFull: true,
    })
  })

  it('leaves room for more where fewer wait', () => {
    expect(measureBatch([bufferedOf(10)], 2)).toEqual({ records: 1, isFull: false })
  })

  it('reaches exactly the largest payload, and not a byte more', () => {
    const first = bufferedOf(1000)
    const rest = maximumPayloadBytes - FRAME_BYTES - 1000 - ','.length
    const fitting = [first, bufferedOf(rest)]
    expect(measureBatch(fitting, 100)).toEqual({ records: 2, isFull: true })
    const batch = createBatch(fitting, undefined, 0, Math.random)
    expect(Buffer.byteLength(eventPayload(batch, '{}', ORIGIN))).toBe(maximumPayloadBytes)
    expect(measureBatch([first, bufferedOf(rest + 1)], 100)).toEqual({ records: 1, isFull: true })
  })

  it('is one record where that is too large by itself', () => {
    const large = bufferedOf(maximumPayloadBytes)
    expect(measureBatch([large, bufferedOf(10)], 100)).toEqual({ records: 1, isFull: true })
    expect(measureBatch([large], 100)).toEqual({ records: 1, isFull: true })
  })

  it('ends where a record does not join', () => {
    const [one, other] = [bufferedOf(10), bufferedOf(10)]
    expect(measureBatch([one, other], 100, (each) => each === one)).toEqual({ records: 1, isFull: true })
  })

  it('leaves room for what a window adds, so that its event is never too large', () => {
    const state = JSON.stringify('x'.repeat(1024 * 1024))
    const waiting = Array.from({ length: 10 }, () => bufferedOf(1_000_000))
    const { records } = measureBatch(waiting, 100, undefined, state)
    const batch = createBatch(waiting.slice(0, records), CALL, 0, Math.random)
    expect(records).toBe(5)
    expect(Buffer.byteLength(eventPayload(batch, state, ORIGIN))).toBeLessThanOrEqual(maximumPayloadBytes)
  })

  it('counts bytes, not characters', () => {
    expect(bufferRecord(recordOf({ json: '"é"' })).jsonBytes).toBe(4)
  })
})

describe('an event', () => {
  it('is a list of records', () => {
    expect(
      eventPayload(createBatch([bufferedOf(3), bufferedOf(3)], undefined, 0, Math.random), '{}', ORIGIN),
    ).toBe('{"Records":["x","x"]}')
  })

  it('of a tumbling window says which, and carries its state', () => {
    const batch = createBatch([], { ...CALL, isFinal: true }, 0, Math.random)
    expect(eventPayload(batch, '{"seen":3}', ORIGIN)).toBe(
      `{"Records":[],"shardId":"${ORIGIN.shardId}","eventSourceARN":"${ORIGIN.streamArn}",` +
        '"window":{"start":"1970-01-01T00:00:00Z","end":"1970-01-01T00:05:00Z"},"state":{"seen":3},' +
        '"isFinalInvokeForWindow":true,"isWindowTerminatedEarly":false}',
    )
  })
})
