import { lambdaHandler } from '../adapters/lambda-handler.ts'
import { dynamodbRecords } from '../sources/dynamodb.ts'
import { orders } from './pipeline.ts'

export const handler = await lambdaHandler(orders, dynamodbRecords)
