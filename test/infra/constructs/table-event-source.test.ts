import { App, Stack } from 'aws-cdk-lib'
import { AttributeType, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { expect, it } from 'vitest'
import { TableEventSource } from '../../../infra/constructs/table-event-source.ts'

function sourceOf(makeTable: (stack: Stack) => ConstructorParameters<typeof TableEventSource>[0]) {
  const stack = new Stack(new App(), 'test')
  const consumer = new LambdaFunction(stack, 'Function', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  })
  const source = new TableEventSource(makeTable(stack), { startingPosition: StartingPosition.TRIM_HORIZON })
  return { source, consume: () => consumer.addEventSource(source) }
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

it('refuses a table of which it knows no stream', () => {
  const { consume } = sourceOf((stack) => {
    const { node, tableStreamArn } = TableV2.fromTableName(stack, 'Table', 'orders')
    return { node, tableStreamArn }
  })
  expect(consume).toThrow('test/Table has no stream')
})
