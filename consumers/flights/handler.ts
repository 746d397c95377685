import { lambdaHandler } from '../adapters/lambda-handler.ts'
import { kinesisRecords } from '../sources/kinesis.ts'
import { flights } from './pipeline.ts'

export const handler = await lambdaHandler(flights, kinesisRecords)
