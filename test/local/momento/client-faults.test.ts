import { createRequire } from 'node:module'
import { Metadata, status } from '@grpc/grpc-js'
import { CacheClient, Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk'
import type { Middleware } from '@gomomento/sdk'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClientFaults } from '../../../local/momento/client-faults.ts'
import type { AskedFault } from '../../../local/momento/client-faults.ts'
import { useMomento } from './fixture.ts'
import { outcome, quietClientProps } from './quiet-client.ts'

/** What the SDK's own middleware for tests of retries takes; methods and errors by its names for them. */
interface TestConfig {
  readonly requestId: string
  readonly returnError?: string
  readonly errorRpcs?: readonly string[]
  readonly errorCount?: number
  readonly delayRpcs?: readonly string[]
  readonly delayMs?: number
  readonly delayCount?: number
}

// The SDK does not export it.
const { ExperimentalMomentoLocalTestConfigMiddleware: TestConfigMiddleware } = createRequire(import.meta.url)(
  '@gomomento/sdk/dist/src/config/middleware/experimental-momento-local-test-config-middleware.js',
) as { ExperimentalMomentoLocalTestConfigMiddleware: new (config: TestConfig) => Middleware }

const momento = useMomento()

function clientWith(config: TestConfig): CacheClient {
  const configuration = Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).addMiddleware(
    new TestConfigMiddleware(config),
  )
  const client = new CacheClient({ ...quietClientProps(momento().server), configuration })
  onTestFinished(() => client.close())
  return client
}

function getsReceived(): number {
  return momento().server.counters().methods['Get']?.requests ?? 0
}

describe("what the SDK's own middleware asks for", () => {
  test('an error comes to the methods named and no others, every time; other clients are left alone', async () => {
    const client = clientWith({
      requestId: 'always',
      returnError: 'LIMIT_EXCEEDED_ERROR',
      errorRpcs: ['_GetRequest', '_SetIfRequest'],
    })
    for (let call = 0; call < 3; call++) {
      expect(outcome(await client.get('cache', 'k'))).toBe('LIMIT_EXCEEDED_ERROR')
    }
    expect(outcome(await client.setIfAbsent('cache', 'asked', 'v'))).toBe('LIMIT_EXCEEDED_ERROR')
    expect(outcome(await client.setWithHash('cache', 'k', 'v'))).toBe('Stored')
    expect(outcome(await momento().client.get('cache', 'k'))).toBe('Hit')
    expect(outcome(await momento().client.get('cache', 'asked'))).toBe('Miss')
  })

  test('two errors are over before the SDK gives up', async () => {
    const before = getsReceived()
    const client = clientWith({
      requestId: 'twice',
      returnError: 'SERVER_UNAVAILABLE',
      errorRpcs: ['_GetRequest'],
      errorCount: 2,
    })
    expect(outcome(await client.get('cache', 'missing'))).toBe('Miss')
    expect(getsReceived() - before).toBe(3)
  })

  test('a delay longer than the deadline is a time-out, and once it is over, it is not', async () => {
    const client = clientWith({
      requestId: 'late',
      delayRpcs: ['_SetIfRequest'],
      delayMs: 60_000,
      delayCount: 1,
    })
    expect(outcome(await client.setIfAbsent('cache', 'late', 'first'))).toBe('TIMEOUT_ERROR')
    expect(outcome(await client.setIfAbsent('cache', 'late', 'second'))).toBe('Stored')
    expect((await client.get('cache', 'late')).value()).toBe('second')
  })
})

function fault(
  faults: ClientFaults,
  method: string,
  fields: Readonly<Record<string, string>>,
): AskedFault | undefined {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value)
  return faults.ofCall(metadata, method)
}

describe('metadata', () => {
  const failing = { 'request-id': 'a', 'return-error': 'internal', 'error-rpcs': 'get set-if-hash' }

  test.each([
    ['Get', true],
    ['SetIfHash', true],
    ['GetBatch', false],
    ['Set', false],
  ])('names a method by its words: %s', (method, isNamed) => {
    expect(fault(new ClientFaults(), method, failing)?.failure?.code).toBe(
      isNamed ? status.INTERNAL : undefined,
    )
  })

  test.each([
    ['ListErase', 'list-remove'],
    ['SetIfNotExists', 'set-if'],
    ['SortedSetLengthByScore', 'sorted-set-length-by-score'],
  ])('%s is what the SDKs call %s', (method, name) => {
    expect(fault(new ClientFaults(), method, { ...failing, 'error-rpcs': name })?.failure).toBeDefined()
  })

  test('counts each client and method by itself', () => {
    const faults = new ClientFaults()
    const once = { ...failing, 'error-count': '1' }
    const isFailing = (method: string, client: string): boolean =>
      fault(faults, method, { ...once, 'request-id': client })?.failure !== undefined
    expect([isFailing('Get', 'a'), isFailing('Get', 'a')]).toEqual([true, false])
    expect([isFailing('SetIfHash', 'a'), isFailing('Get', 'b')]).toEqual([true, true])
  })

  test('delays so many calls, and may fail them too', () => {
    const faults = new ClientFaults()
    const fields = { ...failing, 'delay-rpcs': 'get', 'delay-ms': '250', 'delay-count': '1' }
    expect(fault(faults, 'Get', fields)).toMatchObject({ delayMs: 250, failure: { code: status.INTERNAL } })
    expect(fault(faults, 'Get', fields)).toMatchObject({ delayMs: 0, failure: { code: status.INTERNAL } })
    expect(fault(faults, 'SetIfHash', fields)).toMatchObject({ delayMs: 0 })
  })

  test('that names no method, or nothing to happen, changes nothing', () => {
    expect(fault(new ClientFaults(), 'Get', { ...failing, 'error-rpcs': '' })?.failure).toBeUndefined()
    expect(fault(new ClientFaults(), 'Get', { 'request-id': 'a', 'error-rpcs': 'get' })).toBeUndefined()
  })

  test.each([
    [{ ...failing, 'return-error': 'broken' }, 'return-error is broken, which is none of cancelled, unknown'],
    [{ ...failing, 'error-count': 'many' }, 'error-count is many, which is no whole number'],
    [{ 'delay-ms': '-1', 'delay-rpcs': 'get' }, 'delay-ms is -1, which is no whole number'],
  ])('that makes no sense is an error that says why: %j', (fields, details) => {
    const asked = fault(new ClientFaults(), 'Get', fields)
    expect(asked?.failure?.code).toBe(status.INVALID_ARGUMENT)
    expect(asked?.failure?.details).toContain(details)
  })

  test('of clients that come and go, the last thousand are known', () => {
    const faults = new ClientFaults()
    const isFailing = (client: number): boolean =>
      fault(faults, 'Get', { ...failing, 'request-id': `${client}`, 'error-count': '1' })?.failure !==
      undefined
    for (let client = 0; client <= 1_000; client++) isFailing(client)
    expect([isFailing(1_000), isFailing(1)]).toEqual([false, false])
    expect(isFailing(0)).toBe(true)
  })
})
