/** Says where its DynamoDB is, to be killed then by `server.test.ts`. */
import { startDynamoDb } from '../../../../local/services/dynamodb/server.ts'

const { endpoint } = await startDynamoDb({ onEnd: (text) => console.error(text) })
console.log(endpoint)
