import type { Place } from '../model.ts'
import type { Stream, StreamRecord } from '../stream.ts'
import { changeEvent } from './model.ts'
import { orderOf } from './pipeline.ts'
import type { PlannedChange } from './plan.ts'
import { type Images, kindOf } from './table.ts'
import type { ChangesWorld } from './world.ts'

/** Writes a row, and puts what became of it on the stream, by the row's name: so changes of a row stay in order. */
export function writeRow(world: ChangesWorld, stream: Stream, { event: row, image }: PlannedChange): void {
  const name = `row-${row}`
  const wasDeleted = world.table.wasDeleted(name)
  const images = world.table.write(name, image)
  if (images === undefined) return
  world.tell(() => `${name} changes from ${JSON.stringify(images.old)} to ${JSON.stringify(images.new)}`)
  world.sawChange(kindOf(images, wasDeleted))
  stream.append(name, (place) => recordOf(world, name, images, place))
}

function recordOf(world: ChangesWorld, row: string, images: Images, place: Place): StreamRecord {
  const arrivalMs = world.nowMs
  const event = changeEvent(world.plan.world, row, arrivalMs, place)
  const earlier = [...world.events.values()].filter(({ planned }) => planned.key === row)
  if (earlier.some(({ paneStartMs }) => paneStartMs !== event.paneStartMs))
    world.sawChange('changes of one row in different panes')
  world.events.set(event.id, event)
  world.images.set(event.id, images)
  const { old, new: current } = images
  const payload = {
    ...(old !== undefined && { old: orderOf(old) }),
    ...(current !== undefined && { new: orderOf(current) }),
  }
  const raw = place.sequenceNumber
  const source = {
    position: place,
    partitionKey: row,
    arrivalMs,
    payload: Buffer.from(JSON.stringify(payload)),
    raw,
  }
  return { place, partitionKey: row, arrivalMs, planned: event.planned, form: 'event', event, source }
}
