import { randomUUID } from 'node:crypto'
import { readAssembly } from './deploy/assembly.ts'
import { failureDestination } from './deploy/failure-destination.ts'
import { type DeploymentPlan, planDeployment, type PlannedMapping } from './deploy/plan.ts'
import { withQueuesAt } from './deploy/queue-urls.ts'
import { localAccountId, localRegion } from './deploy/resource-names.ts'
import { stageCode } from './deploy/stage-code.ts'
import { systemClock } from './event-source-mapping/clock.ts'
import { EventSourceMapping } from './event-source-mapping/mapping.ts'
import type { StreamSource } from './event-source-mapping/stream-source.ts'
import { reportFailuresTo } from './failure-destinations.ts'
import { kinesisSource } from './kinesis-source.ts'
import { LambdaFunction } from './lambda/lambda-function.ts'
import type { LogLine } from './lambda/log-lines.ts'
import { type PlatformLine, reportsFailure } from './lambda/platform-lines.ts'
import { openLogFiles } from './log-files.ts'
import { keepEmbeddedMetrics } from './metrics/embedded-metrics.ts'
import { kinesisMetrics } from './metrics/kinesis-metrics.ts'
import { functionMetrics, mappingMetrics } from './metrics/lambda-metrics.ts'
import { type MomentoServer, startMomento } from './momento/server.ts'
import { MetricStore } from './services/cloudwatch/metric-store.ts'
import { startCloudWatchServer } from './services/cloudwatch/server.ts'
import { kinesisOperations, startKinesisServer } from './services/kinesis/server.ts'
import { KinesisStreams } from './services/kinesis/streams.ts'
import { ControlledMapping } from './services/lambda/controlled-mapping.ts'
import { startLambdaServer } from './services/lambda/server.ts'
import { LogGroups } from './services/logs/log-groups.ts'
import { startLogsServer } from './services/logs/server.ts'
import { startS3AndSqs } from './services/s3-and-sqs.ts'
import { startSecretsManager } from './services/secrets-manager.ts'
import { startTables } from './tables.ts'

export { synthesise } from './synthesise.ts'

/** The variables by which functions name their Momento cache and secret; what is deployed for them follows from these. */
const cacheVariable = 'MOMENTO_CACHE_NAME'
const secretVariable = 'MOMENTO_SECRET_ARN'
/**
 * AWS looks into an idle shard once a second for each mapping. On a laptop somebody waits for the first result: all
 * mappings of a stream together look so often, which leaves others one of a shard's five reads a second.
 */
const pollIntervalMs = 250
/** Invocations under way get so long to end before their processes are killed. */
const closeGraceMs = 2_000

export interface LocalStackOptions {
  /** What `cdk synth` wrote. */
  readonly assemblyDirectory: string
  /** Takes what functions log, but for their metrics. */
  readonly onLog: (line: LogLine) => void
  /** Takes what the stack itself has to say, a line at a time. */
  readonly onNotice: (text: string) => void
  /** Where there is to be a file for each log group, with all of its lines. Default: nowhere. */
  readonly logDirectory?: string | undefined
}

/** A running stack. Everything listens on 127.0.0.1. */
export interface LocalStack {
  /** By service; of DynamoDB if there are tables, and a Java that runs it. */
  readonly endpoints: Readonly<Record<string, string>>
  /** The variables with which producers and queries find the stack: region, credentials, endpoints, Momento. */
  readonly environment: Readonly<Record<string, string>>
  /** The stacks' outputs; one that several stacks have is called `stack.output`. */
  readonly outputs: Readonly<Record<string, string>>
  /** The names of what is deployed, by the output that gives the name, or else by logical id. */
  readonly names: DeploymentPlan['names']
  /** By name. */
  readonly functions: ReadonlyMap<string, LambdaFunction>
  readonly mappings: readonly EventSourceMapping[]
  readonly momento: MomentoServer
  /** Of the functions, of Lambda and of Kinesis, as CloudWatch names them. */
  readonly metrics: MetricStore
  /** Resolves when all mappings that are switched on have done what their streams had acknowledged before the call. */
  drained(): Promise<void>
  /** Ends everything: mappings first, so that nothing is cut off in mid-batch unless it takes over 2 seconds. */
  close(): Promise<void>
}

/**
 * Deploys a cloud assembly on this machine: its streams, tables, buckets, queues, secrets, functions and mappings, and a
 * Momento server with the caches that the functions name. Resolves when all of it takes requests. Without a Java that
 * runs DynamoDB, tables and the mappings of their streams are left out, which one notice says.
 * @throws Error of one line that names what cannot be deployed; nothing is left running then.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { onLog, onNotice } = options
  const planned = planDeployment(await readAssembly(options.assemblyDirectory))
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const closeNext of closers.splice(0).toReversed()) {
      await closeNext().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  const opened = <T extends { close(): Promise<void> }>(service: T): T => {
    closers.push(() => service.close())
    return service
  }
  try {
    const s3AndSqs = opened(await startS3AndSqs({ buckets: planned.buckets, queues: planned.queues }))
    const plan = withQueuesAt(planned, s3AndSqs.endpoint)
    const metrics = new MetricStore({ nowMs: systemClock.nowMs })
    const cloudWatch = opened(await startCloudWatchServer({ store: metrics, nowMs: systemClock.nowMs }))
    const streams = new KinesisStreams({
      region: localRegion,
      accountId: localAccountId,
      nowMs: () => Date.now(),
      limits: true,
      onCall: kinesisMetrics(metrics, systemClock.nowMs),
    })
    for (const notice of plan.notices) onNotice(notice)
    for (const stream of plan.streams) streams.create(stream.name, stream)
    const operations = kinesisOperations(streams)
    const kinesis = opened(await startKinesisServer(streams))
    const momento = opened(await startMomento({ caches: valuesOf(plan, cacheVariable) }))
    const secrets = opened(await startSecretsManager({ secrets: localSecrets(plan, momento) }))
    const logGroups = new LogGroups({
      region: localRegion,
      accountId: localAccountId,
      nowMs: () => Date.now(),
    })
    for (const { logGroupName } of plan.functions) logGroups.create(logGroupName)
    const logs = opened(await startLogsServer(logGroups))
    const logFiles =
      options.logDirectory === undefined
        ? undefined
        : opened(
            openLogFiles(options.logDirectory, (error) => onNotice(`no more log file: ${String(error)}`)),
          )
    const keepLine = (line: PlatformLine): void => {
      logGroups.add(line.logGroupName, line.logStreamName, line.timestampMs, line.text)
      logFiles?.add(line)
    }
    const tables = await startTables(plan.tables, onNotice)
    if (tables !== undefined) opened(tables)
    const functions = new Map<string, LambdaFunction>()
    const mappings = new Map<string, ControlledMapping>()
    const reportOptions = { services: s3AndSqs, nowMs: systemClock.nowMs, createUuid: randomUUID }
    const control = opened(
      await startLambdaServer({
        region: localRegion,
        accountId: localAccountId,
        functions,
        mappings,
        deployedMs: systemClock.nowMs(),
        nowMs: systemClock.nowMs,
        reportFailuresTo: (arn) =>
          reportFailuresTo(failureDestination(arn, destinationsOf(plan)), reportOptions),
      }),
    )
    const endpoints = {
      kinesis: kinesis.endpoint,
      lambda: control.endpoint,
      ...(tables !== undefined && { dynamodb: tables.endpoint }),
      secretsManager: secrets.endpoint,
      s3: s3AndSqs.endpoint,
      sqs: s3AndSqs.endpoint,
      logs: logs.endpoint,
      cloudWatch: cloudWatch.endpoint,
    }
    const endpointVariables = {
      AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
      AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
      ...(tables !== undefined && {
        AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
        AWS_ENDPOINT_URL_DYNAMODB_STREAMS: tables.endpoint,
      }),
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.logs,
      AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.cloudWatch,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    }

    const code = opened(await stageCode(plan.functions.map(({ codeDirectory }) => codeDirectory)))
    for (const configuration of plan.functions) {
      const codeDirectory = code.directoryOf(configuration.codeDirectory)
      const lambda = new LambdaFunction(
        { ...configuration, codeDirectory },
        {
          onPlatformLog: (line) => {
            keepLine(line)
            // Nothing else tells of a function that was too slow or too large: it was killed before it could.
            if (reportsFailure(line.text)) onNotice(`${line.functionName}: ${line.text}`)
          },
          onLog: (line) => {
            keepLine(line)
            if (!keepEmbeddedMetrics(metrics, line.text, line.timestampMs)) onLog(line)
          },
          onCall: functionMetrics(metrics, configuration.functionName),
          extraEnvironment: endpointVariables,
        },
      )
      functions.set(configuration.functionName, opened(lambda))
    }
    const sourceOf = ({ streamArn, executionRoleArn }: PlannedMapping): StreamSource | undefined => {
      if (!plan.streams.some(({ arn }) => arn === streamArn)) return tables?.source(streamArn)
      const readers = plan.mappings.filter((each) => each.streamArn === streamArn).length
      return kinesisSource({
        operations,
        streamArn,
        region: localRegion,
        executionRoleArn,
        nowMs: systemClock.nowMs,
        pollIntervalMs: pollIntervalMs * readers,
      })
    }
    for (const each of plan.mappings) {
      const { streamArn, functionName, failureDestination: destination, properties, isEnabled } = each
      const source = sourceOf(each)
      const target = functions.get(functionName)
      if (source === undefined || target === undefined) continue
      const mapping = new EventSourceMapping({
        source,
        invoke: (payload, { requestId }) => target.invoke(payload, { requestId }),
        properties,
        clock: systemClock,
        random: Math.random,
        reportFailure: destination && reportFailuresTo(destination, reportOptions),
        observer: mappingMetrics(metrics, {
          functionName,
          uuid: properties.uuid,
          nowMs: systemClock.nowMs,
        }),
        onDiscard: ({ records, shardId, reason }) =>
          onNotice(`${functionName}: ${records.length} records of ${shardId} given up: ${reason}`),
        onError: (error) => onNotice(`${functionName}: ${String(error)}`),
      })
      const destinationArn =
        destination &&
        destinationsOf(plan)[`${destination.kind}s`].find(({ name }) => name === destination.name)?.arn
      const nowMs = systemClock.nowMs()
      mappings.set(
        properties.uuid,
        new ControlledMapping({ mapping, streamArn, properties, isEnabled, destinationArn, nowMs }),
      )
    }
    const allMappings = Array.from(mappings.values(), ({ mapping }) => mapping)
    const enabledMappings = (): EventSourceMapping[] =>
      Array.from(mappings.values()).flatMap(({ mapping, isEnabled }) => (isEnabled ? mapping : []))
    closers.push(() => stopWithin(allMappings, functions, closeGraceMs))
    // Before the mappings end: nobody is to switch one on again then.
    opened(control)
    for (const mapping of enabledMappings()) mapping.start()

    return {
      endpoints: { ...endpoints, momento: `${momento.hostname}:${momento.port}` },
      environment: { ...clientVariables(plan), ...endpointVariables },
      outputs: plan.outputs,
      names: plan.names,
      functions,
      mappings: allMappings,
      momento,
      metrics,
      drained: async () => {
        await Promise.all(enabledMappings().map((mapping) => mapping.drained()))
      },
      close,
    }
  } catch (error) {
    await close().catch((closing: unknown) =>
      onNotice(`not all of the stack could be ended: ${String(closing)}`),
    )
    throw error
  }
}

async function stopWithin(
  mappings: readonly EventSourceMapping[],
  functions: ReadonlyMap<string, LambdaFunction>,
  graceMs: number,
): Promise<void> {
  const stopped = Promise.all(mappings.map((mapping) => mapping.stop()))
  let timer: NodeJS.Timeout | undefined
  const grace = new Promise((resolve) => {
    timer = setTimeout(resolve, graceMs)
  })
  await Promise.race([stopped, grace])
  clearTimeout(timer)
  await Promise.all([...functions.values()].map((lambda) => lambda.close()))
  await stopped
}

function clientVariables(plan: DeploymentPlan): Record<string, string> {
  const [cache] = valuesOf(plan, cacheVariable)
  const [secret] = valuesOf(plan, secretVariable)
  return {
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ...(cache !== undefined && { [cacheVariable]: cache }),
    ...(secret !== undefined && { [secretVariable]: secret }),
  }
}

/** What may be told of batches that are given up. */
function destinationsOf({ buckets, queues }: DeploymentPlan) {
  return { buckets: buckets.map((name) => ({ name, arn: `arn:aws:s3:::${name}` })), queues }
}

/** In AWS a person puts the Momento credentials into the secret; here it names the local server. */
function localSecrets(
  plan: DeploymentPlan,
  { hostname, port }: MomentoServer,
): Map<string, { name: string; secretString: string }> {
  const momentoSecrets = valuesOf(plan, secretVariable)
  const credentials = JSON.stringify({ momentoLocal: { hostname, port } })
  return new Map(
    plan.secrets.map(({ arn, name, secretString }) => {
      const isMomento = momentoSecrets.includes(arn) || momentoSecrets.includes(name)
      return [arn, { name, secretString: isMomento ? credentials : secretString }]
    }),
  )
}

function valuesOf(plan: DeploymentPlan, variable: string): string[] {
  return [...new Set(plan.functions.flatMap(({ environment }) => environment[variable] ?? []))]
}
