import { findJava } from '../../../../local/services/dynamodb/find-java.ts'

const java = await findJava(process.env)

/** There is none that DynamoDB Local runs on; tests of the real one are skipped then. */
export const isJavaMissing = java.command === undefined

/** Ends the titles of tests that did not run, and says why; otherwise empty. */
export const whyNotRun = java.command === undefined ? ` (not run: ${java.reason})` : ''
