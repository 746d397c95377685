/**
 * The names that the functions and the infrastructure share: environment variables and metrics. Nothing else lives
 * here, so that the infrastructure can import it without importing any code of the functions.
 */

/** Environment variables that the infrastructure sets on each function and that its handler reads. */
export const environmentVariable = {
  /** ARN of the secret that holds the Momento credentials as JSON. */
  momentoSecretArn: 'MOMENTO_SECRET_ARN',
  /** Name of the Momento cache that holds the cells. */
  momentoCacheName: 'MOMENTO_CACHE_NAME',
  /** Name of the bucket that takes rejected records. */
  failedRecordsBucket: 'FAILED_RECORDS_BUCKET',
} as const

/** Rejected records are written under this prefix, then the pipeline's name; Lambda itself writes under `aws/lambda/`. */
export const rejectedRecordsPrefix = 'rejected/'

/** CloudWatch namespace of the functions' own metrics. */
export const metricsNamespace = 'Streamtally'

/** The one dimension of these metrics; its value is the pipeline's name. */
export const metricsDimension = 'service'

/** The functions' own metrics, all counts of one invocation. A redelivered record is counted again at each delivery. */
export const metric = {
  records: 'Records',
  counted: 'Counted',
  duplicates: 'Duplicates',
  filtered: 'Filtered',
  rejected: 'Rejected',
  unfinished: 'Unfinished',
  storeRequests: 'StoreRequests',
  storeFailures: 'StoreFailures',
} as const
