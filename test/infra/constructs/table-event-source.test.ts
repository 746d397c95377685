import { App, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { expect, it } from 'vitest'
import { TableEventSource } from '../../../infra/constructs/table-event-source.ts'

function sourceOf(makeTable: (stack: Stack) => ConstructorParameters<typeof TableEventSource>[0]) {
  // With a region, as the key of a replica needs one.
  const stack = new Stack(new App(), 'test', { env: { region: 'eu-central-1' } })
  const consumer = new LambdaFunction(stack, 'Function', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  })
  const source = new TableEventSource(makeTable(stack), { startingPosition: StartingPosition.TRIM_HORIZON })
  return { source, consume: () => consumer.addEventSource(source), template: () => Template.fromStack(stack) }
}

it('has a mapping once it is bound, and says so where it has none yet', () => {
  const partitionKey = { name: 'id', type: AttributeType.STRING }
  const { source, consume } = sourceOf(
    (stack) => new TableV2(stack, 'Table', { partitionKey, dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }),
  )
  expect(() => source.eventSourceMappingId).toThrow("test/Table is no function's source yet")
  consume()
  expect(source.eventSourceMappingId).toEqual(expect.any(String))
})

it.each([
  ['decrypt', true],
  ['do nothing with keys', false],
])("lets the function %s where the table has a key of the account's own: %s", (_what, hasKey) => {
  const { consume, template } = sourceOf(
    (stack) =>
      new TableV2(stack, 'Table', {
        partitionKey: { name: 'id', type: AttributeType.STRING },
        dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
        ...(hasKey && { encryption: TableEncryptionV2.customerManagedKey(new Key(stack, 'Key')) }),
      }),
  )
  consume()
  expect(JSON.stringify(template().findResources('AWS::IAM::Policy')).includes('kms:Decrypt')).toBe(hasKey)
})

it('refuses a table of which it knows no stream', () => {
  const { consume } = sourceOf((stack) => {
    const { node, tableStreamArn } = TableV2.fromTableName(stack, 'Table', 'orders')
    return { node, tableStreamArn }
  })
  expect(consume).toThrow('test/Table has no stream')
})
