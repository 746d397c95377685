import { describe } from 'vitest'
import { findJava } from '../../../../local/services/dynamodb/find-java.ts'

const java = await findJava(process.env)

/** Tests on the real DynamoDB Local. Where there is no Java for it they are skipped, and their title says why. */
export function describeWithJava(name: string, tests: () => void): void {
  if (java.command === undefined) describe.skip(`${name} (not run: ${java.reason})`, tests)
  else describe(name, tests)
}
