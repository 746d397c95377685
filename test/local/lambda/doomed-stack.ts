/** Invokes the function in the directory of its first argument, to be killed meanwhile by `stack-death.test.ts`. */
import { LambdaFunction } from '../../../local/lambda/lambda-function.ts'
import { configurationOf } from './function-configuration-fixture.ts'

const lambda = new LambdaFunction(configurationOf(process.argv[2] ?? ''), { onLog: () => undefined })
await lambda.invoke(process.argv[3] ?? '')
await new Promise(() => setInterval(() => undefined, 60_000))
