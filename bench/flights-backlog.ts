import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { type Invocation, invocationsIn, type LogLine } from '../infra/tuning/service-times.ts'
import { laneOfKey } from '../local/event-source-mapping/lane-of-key.ts'
import { startLocalStack, synthesise } from '../local/main.ts'
import { departures } from '../producers/lib/departures.ts'
import { flightRecords } from '../producers/lib/flight-records.ts'
import { sendRecords } from '../producers/lib/send.ts'

/** A backlog to be worked off. */
export interface BacklogOptions {
  readonly records: number
  readonly factor: number
  readonly batchSize: number
  /** Whether its cells are empty at first, for which a minute may have to pass. */
  readonly isIntoEmptyCells?: boolean
}

/** How a backlog was worked off. */
export interface DrainedBacklog {
  /** From the first invocation's start until the last one's end. */
  readonly seconds: number
  /** Of all processes: this one with the stack in it, and the functions'. */
  readonly cpuMs: number
  /** Cores that were not busy with anything else meanwhile. */
  readonly freeCores: number
  readonly batches: number
  /** To Momento. */
  readonly requests: number
  /** Swaps that were refused, as another one was stored first. */
  readonly conflicts: number
  /** Of each shard, the lanes of its records, in the order in which they were acknowledged. */
  readonly shards: readonly (readonly number[])[]
}

/** Of Linux, on all machines that run Node. */
const cpuTicksPerSecond = 100
/** The last line of a log arrives after the answer. */
const logDelayMs = 100
/** Departures may be late by up to five. */
const minutesBack = 4
const minuteMs = 60_000

/** The local stack with the flights alone, whose mapping is stopped while a backlog is sent. */
export async function startFlights() {
  const app = await synthesise({ app: 'node --import tsx bench/tuning-app.ts' })
  const stack = await startLocalStack({
    assemblyDirectory: app.directory,
    onLog: ({ functionName, text }) => console.error(`${functionName}: ${text}`),
    onNotice: (text) => console.error(text),
  })
  Object.assign(process.env, stack.environment)
  const kinesis = new KinesisClient()
  const logs = new CloudWatchLogsClient()
  const [mapping] = stack.mappings
  const [lambda] = stack.functions.values()
  if (mapping === undefined || lambda === undefined) throw new Error('the stack has no flights')
  let runs = 0

  const usedMinutes = new Set<number>()
  /** A minute into which departures may still be sent; an empty one is waited for, if need be. */
  const minuteFor = async (isEmpty: boolean): Promise<number> => {
    for (;;) {
      const latest = Math.floor(Date.now() / minuteMs)
      const minutes = Array.from({ length: minutesBack }, (_, back) => latest - minutesBack + 1 + back)
      const found = minutes.findLast((minute) => usedMinutes.has(minute) && !isEmpty)
      const minute = found ?? minutes.find((one) => !usedMinutes.has(one))
      if (minute === undefined) {
        await setTimeout((latest + 1) * minuteMs - Date.now())
        continue
      }
      usedMinutes.add(minute)
      return minute * minuteMs
    }
  }
  const send = async ({ records, factor, isIntoEmptyCells = false }: BacklogOptions): Promise<number[][]> => {
    const shards = new Map<string, number[]>()
    const run = `backlog-${runs++}`
    const sentAtMs = await minuteFor(isIntoEmptyCells)
    const made = flightRecords(departures(), {
      run,
      limit: records,
      duplicates: 0,
      garbage: 0,
      nowMs: () => sentAtMs,
    })
    await sendRecords(made, {
      client: kinesis,
      streamName: stack.outputs['FlightsStreamName'] ?? '',
      concurrency: 8,
      signal: new AbortController().signal,
      onAcknowledged: ({ record, shardId }) => {
        const lanes = shards.get(shardId) ?? []
        shards.set(shardId, lanes)
        lanes.push(laneOfKey(record.partitionKey, factor))
      },
      onRefused: () => undefined,
    })
    return [...shards.values()]
  }
  const readLog = async (startTime: number): Promise<(LogLine & { readonly atMs: number })[]> => {
    const { logGroupName } = lambda.configuration
    const lines: (LogLine & { readonly atMs: number })[] = []
    for await (const { events = [] } of paginateFilterLogEvents(
      { client: logs },
      { logGroupName, startTime },
    )) {
      for (const { logStreamName = '', message = '', timestamp = 0 } of events)
        lines.push({ logStreamName, message, atMs: timestamp })
    }
    return lines
  }
  return {
    /** Has every request to Momento wait, as if it were far away. */
    delayMomento: (delayMs: number): void => stack.momento.setFaults({ delayMs }),
    async drain(options: BacklogOptions): Promise<DrainedBacklog> {
      const { factor, batchSize } = options
      await mapping.stop()
      await mapping.update({ parallelizationFactor: factor, batchSize, maximumBatchingWindowMs: 0 })
      const shards = await send(options)
      const [startedMs, startedCpuMs, startedBusyMs] = [Date.now(), cpuMs(), machineBusyMs()]
      mapping.start()
      await mapping.drained()
      const usedCpuMs = cpuMs() - startedCpuMs
      const othersMs = machineBusyMs() - startedBusyMs - usedCpuMs
      const freeCores = availableParallelism() - Math.max(0, othersMs) / (Date.now() - startedMs)
      await setTimeout(logDelayMs)
      const lines = await readLog(startedMs)
      const invocations = invocationsIn(lines)
      const sumOf = (value: (one: Invocation) => number): number =>
        invocations.reduce((sum, one) => sum + value(one), 0)
      const missing = options.records - sumOf(({ records }) => records)
      if (missing > 0) throw new Error(`${missing} of ${options.records} records were in no batch`)
      const timesOf = (kind: string): number[] =>
        lines.filter(({ message }) => message.startsWith(kind)).map(({ atMs }) => atMs)
      return {
        seconds: (Math.max(...timesOf('REPORT ')) - Math.min(...timesOf('START '))) / 1_000,
        cpuMs: usedCpuMs,
        freeCores,
        batches: invocations.length,
        requests: sumOf(({ storeRequests }) => storeRequests),
        conflicts: sumOf(({ swapConflicts }) => swapConflicts),
        shards,
      }
    },
    async close(): Promise<void> {
      kinesis.destroy()
      logs.destroy()
      await stack.close()
      await app.remove()
    },
  }
}

/** Of all that runs on this machine. */
function machineBusyMs(): number {
  // user, nice, system, idle, waiting for input, interrupts, and what other virtual machines took.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, stolen = 0] =
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
  return ((user + nice + system + irq + softIrq + stolen) * 1_000) / cpuTicksPerSecond
}

/** Of this process and its children, where there is a `/proc`. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(cpuTicksOfChild)
  return (
    (user + system) / 1_000 + (children.reduce((sum, ticks) => sum + ticks, 0) * 1_000) / cpuTicksPerSecond
  )
}

function cpuTicksOfChild(pid: string): number {
  try {
    // The name before the parenthesis may hold anything; then come state, parent, ..., and the times as 12th and 13th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[1]) === process.pid ? Number(fields[11]) + Number(fields[12]) : 0
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
