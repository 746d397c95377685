import { Names } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Grant } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { StreamEventSource, type StreamEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources'

type StreamedTable = Pick<TableV2, 'node' | 'tableStreamArn' | 'encryptionKey'>

/**
 * The changes of a table as a function's source. The function may read this one stream: the CDK's own DynamoEventSource
 * also lets it list the streams of all tables.
 */
export class TableEventSource extends StreamEventSource {
  readonly #table: StreamedTable
  #mappingId: string | undefined

  constructor(table: StreamedTable, settings: StreamEventSourceProps) {
    super(settings)
    this.#table = table
  }

  bind(target: IFunction): void {
    const { tableStreamArn, encryptionKey } = this.#table
    if (tableStreamArn === undefined) throw new Error(`${this.#table.node.path} has no stream`)
    const mapping = target.addEventSourceMapping(
      `TableEventSource:${Names.nodeUniqueId(this.#table.node)}`,
      this.enrichMappingOptions({
        eventSourceArn: tableStreamArn,
        ...(this.props.metricsConfig && { metricsConfig: this.props.metricsConfig }),
        supportS3OnFailureDestination: true,
      }),
    )
    this.#mappingId = mapping.eventSourceMappingId
    Grant.addToPrincipal({
      grantee: target,
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resourceArns: [tableStreamArn],
    })
    encryptionKey?.grantDecrypt(target)
  }

  /** UUID of the event source mapping. */
  get eventSourceMappingId(): string {
    if (this.#mappingId === undefined) throw new Error(`${this.#table.node.path} is no function's source yet`)
    return this.#mappingId
  }
}
