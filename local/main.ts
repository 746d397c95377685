import { readAssembly } from './deploy/assembly.ts'
import { type DeploymentPlan, planDeployment } from './deploy/plan.ts'
import { localAccountId, localRegion } from './deploy/resource-names.ts'
import { stageCode } from './deploy/stage-code.ts'
import { systemClock } from './event-source-mapping/clock.ts'
import { EventSourceMapping } from './event-source-mapping/mapping.ts'
import { unsupported } from './event-source-mapping/properties.ts'
import { kinesisSource } from './kinesis-source.ts'
import { LambdaFunction } from './lambda/lambda-function.ts'
import type { LogLine } from './lambda/log-lines.ts'
import { MetricSums } from './metrics.ts'
import { type MomentoServer, startMomento } from './momento/server.ts'
import { startKinesisServer } from './services/kinesis/server.ts'
import { KinesisStreams } from './services/kinesis/streams.ts'
import { startS3 } from './services/s3.ts'
import { startSecretsManager } from './services/secrets-manager.ts'

export { synthesise } from './synthesise.ts'

/** The variables by which functions name their Momento cache and secret; what is deployed for them follows from these. */
const cacheVariable = 'MOMENTO_CACHE_NAME'
const secretVariable = 'MOMENTO_SECRET_ARN'
/** AWS looks into an idle shard once a second. On a laptop somebody waits for the first result. */
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
}

/** A running stack. Everything listens on 127.0.0.1. */
export interface LocalStack {
  /** By service. */
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
  /** Sums of the functions' own metrics. */
  readonly metrics: MetricSums
  /** Resolves when every lane is idle and every checkpoint at its shard's last record. */
  drained(): Promise<void>
  /** Ends everything: mappings first, so that nothing is cut off in mid-batch unless it takes over 2 seconds. */
  close(): Promise<void>
}

/**
 * Deploys a cloud assembly on this machine: its streams, buckets, secrets, functions and mappings, and a Momento server
 * with the caches that the functions name. Resolves when all of it takes requests.
 * @throws Error of one line that names what cannot be deployed; nothing is left running then.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { onLog, onNotice } = options
  const plan = planDeployment(await readAssembly(options.assemblyDirectory))
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
    const streams = new KinesisStreams({
      region: localRegion,
      accountId: localAccountId,
      nowMs: () => Date.now(),
    })
    for (const notice of plan.notices) onNotice(notice)
    for (const stream of plan.streams) streams.create(stream.name, stream)
    const kinesis = opened(await startKinesisServer(streams))
    const momento = opened(await startMomento({ caches: valuesOf(plan, cacheVariable) }))
    const secrets = opened(await startSecretsManager({ secrets: localSecrets(plan, momento) }))
    const s3 = opened(await startS3({ buckets: plan.buckets }))
    const endpoints = { kinesis: kinesis.endpoint, secretsManager: secrets.endpoint, s3: s3.endpoint }
    const endpointVariables = {
      AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
      AWS_ENDPOINT_URL_S3: endpoints.s3,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    }

    const code = opened(await stageCode(plan.functions.map(({ codeDirectory }) => codeDirectory)))
    const metrics = new MetricSums()
    const functions = new Map(
      plan.functions.map((configuration) => {
        const codeDirectory = code.directoryOf(configuration.codeDirectory)
        const lambda = new LambdaFunction(
          { ...configuration, codeDirectory },
          {
            onLog: (line) => {
              if (!metrics.add(line.text)) onLog(line)
            },
            extraEnvironment: endpointVariables,
          },
        )
        return [configuration.functionName, opened(lambda)]
      }),
    )
    const mappings = plan.mappings.map(({ streamArn, functionName, executionRoleArn, properties }) => {
      const target = functions.get(functionName)
      if (target === undefined)
        throw new Error(`mapping ${properties.uuid}: there is no function ${functionName}`)
      const missing = unsupported(properties)
      if (missing.length > 0) onNotice(`${functionName}: not honoured locally yet: ${missing.join(', ')}`)
      return new EventSourceMapping({
        source: kinesisSource(streams.get(streamArn), localRegion),
        invoke: (payload, { requestId }) => target.invoke(payload, { requestId }),
        properties: { ...properties, pollIntervalMs },
        clock: systemClock,
        random: Math.random,
        executionRoleArn,
        onDiscard: ({ records, shardId }) =>
          onNotice(`${functionName}: ${records.length} records of ${shardId} given up`),
        onError: (error) => onNotice(`${functionName}: ${String(error)}`),
      })
    })
    closers.push(() => stopWithin(mappings, functions, closeGraceMs))
    for (const mapping of mappings) mapping.start()

    return {
      endpoints: { ...endpoints, momento: `${momento.hostname}:${momento.port}` },
      environment: { ...clientVariables(plan), ...endpointVariables },
      outputs: plan.outputs,
      names: plan.names,
      functions,
      mappings,
      momento,
      metrics,
      drained: async () => {
        await Promise.all(mappings.map((mapping) => mapping.drained()))
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
