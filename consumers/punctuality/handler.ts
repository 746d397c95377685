import { lambdaHandler } from '../adapters/lambda-handler.ts'
import { kinesisRecords } from '../sources/kinesis.ts'
import { punctuality } from './pipeline.ts'

export const handler = await lambdaHandler(punctuality, kinesisRecords)
