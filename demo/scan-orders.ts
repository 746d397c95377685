import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import { type OrderItem, unitsPerDollar } from './recount-orders.ts'

/** Reads the whole table of orders, as it is now. */
export async function scanOrders(
  table: string,
  environment: Readonly<Record<string, string>>,
): Promise<readonly OrderItem[]> {
  const {
    AWS_ENDPOINT_URL_DYNAMODB: endpoint = '',
    AWS_REGION: region = '',
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
  } = environment
  const client = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } })
  try {
    const items: OrderItem[] = []
    for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
      for (const item of page.Items ?? []) items.push(orderItem(item))
    }
    return items
  } finally {
    client.destroy()
  }
}

/** An item as the table has it, its money read from the digits, not by way of a double. */
export function orderItem(item: Readonly<Record<string, AttributeValue>>): OrderItem {
  const text = (name: string): string => item[name]?.S ?? ''
  const digits = (name: string): string => item[name]?.N ?? ''
  return {
    status: text('status'),
    region: text('region'),
    category: text('category'),
    quantity: BigInt(digits('quantity')),
    sales: inUnits(digits('sales')),
    profit: inUnits(digits('profit')),
  }
}

/** Throws a RangeError for more decimals than the unit has. */
function inUnits(decimal: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  const decimals = String(unitsPerDollar).length - 1
  if (whole === '' || fraction.length > decimals) throw new RangeError(`${decimal} is no amount of money`)
  return BigInt(`${sign}${whole}${fraction.padEnd(decimals, '0')}`)
}
