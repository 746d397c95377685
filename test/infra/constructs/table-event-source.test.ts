import { App, Stack } from 'aws-cdk-lib'
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { expect, it } from 'vitest'
import { TableEventSource } from '../../../infra/constructs/table-event-source.ts'

function sourceOf(dynamoStream?: StreamViewType) {
  const stack = new Stack(new App(), 'test')
  const table = new TableV2(stack, 'Table', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    ...(dynamoStream && { dynamoStream }),
  })
  const consumer = new LambdaFunction(stack, 'Function', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  })
  const source = new TableEventSource(table, { startingPosition: StartingPosition.TRIM_HORIZON })
  return { source, consume: () => consumer.addEventSource(source) }
}

it('has a mapping once it is bound, and says so where it has none yet', () => {
  const { source, consume } = sourceOf(StreamViewType.NEW_AND_OLD_IMAGES)
  expect(() => source.eventSourceMappingId).toThrow("test/Table is no function's source yet")
  consume()
  expect(source.eventSourceMappingId).toEqual(expect.any(String))
})

it('refuses a table that streams no changes', () => {
  expect(sourceOf().consume).toThrow('test/Table has no stream')
})
