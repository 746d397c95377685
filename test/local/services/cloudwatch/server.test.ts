import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { cbor, tag } from '@smithy/core/cbor'
import { expect, test } from 'vitest'
import { MINUTE_MS, START_MS, startTestCloudWatch } from './start-test-cloudwatch.ts'

const target = 'GraniteServiceVersion20100801'

function time(timeMs: number): object {
  return tag({ tag: 1, value: timeMs / 1_000 })
}

/** As the AWS CLI and the SDK for Python ask. */
async function askInCbor(endpoint: string, operation: string, input: object) {
  const response = await fetch(`${endpoint}/service/${target}/operation/${operation}`, {
    method: 'POST',
    headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
    body: Buffer.from(cbor.serialize(input)),
  })
  const { headers, status } = response
  const body = new Uint8Array(await response.arrayBuffer())
  return { status, headers, output: cbor.deserialize(body) as unknown }
}

test('CBOR is spoken too, times being tagged as such both ways', async () => {
  const { add, endpoint } = await startTestCloudWatch()
  add('Calls', 2.5)
  const { status, headers, output } = await askInCbor(endpoint, 'GetMetricData', {
    StartTime: time(START_MS),
    EndTime: time(START_MS + MINUTE_MS),
    MetricDataQueries: [
      {
        Id: 'm1',
        MetricStat: { Metric: { Namespace: 'Test', MetricName: 'Calls' }, Stat: 'Sum', Period: 60 },
      },
    ],
  })
  expect(status).toBe(200)
  expect(headers.get('smithy-protocol')).toBe('rpc-v2-cbor')
  expect(headers.get('content-type')).toBe('application/cbor')
  expect(output).toMatchObject({
    MetricDataResults: [
      { Id: 'm1', Timestamps: [{ tag: 1, value: START_MS / 1_000 }], Values: [2.5], StatusCode: 'Complete' },
    ],
  })
})

test('an error in CBOR says its code in both ways', async () => {
  const { endpoint } = await startTestCloudWatch()
  const { status, headers, output } = await askInCbor(endpoint, 'ListMetrics', { Namespace: '' })
  expect(status).toBe(400)
  expect(output).toMatchObject({ __type: 'com.amazonaws.cloudwatch#InvalidParameterValueException' })
  expect(headers.get('x-amzn-query-error')).toBe('InvalidParameterValue;Sender')
})

test('an operation that is not there is refused, in the words of either protocol', async () => {
  const { client, endpoint } = await startTestCloudWatch()
  const message = 'The operation DescribeAlarms is not supported here.'
  await expect(client.send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message,
  })
  const { output } = await askInCbor(endpoint, 'DescribeAlarms', {})
  expect(output).toMatchObject({ message })
})

test.each([
  ['no protocol', {}, '{}', 400, 'UnknownOperationException'],
  ['no JSON', { 'x-amz-target': `${target}.ListMetrics` }, '{', 400, 'SerializationException'],
  [
    'too large a body',
    { 'x-amz-target': `${target}.ListMetrics` },
    ' '.repeat(16 * 1024 * 1024 + 1),
    413,
    'RequestEntityTooLargeException',
  ],
])('%s is refused', async (_what, headers, body, status, code) => {
  const { endpoint } = await startTestCloudWatch()
  const response = await fetch(endpoint, { method: 'POST', headers, body })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ __type: `com.amazonaws.cloudwatch#${code}` })
})
