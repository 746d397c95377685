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
  /** CloudWatch namespace of the function's own metrics: that of its stack, or stages of one account would be mixed. */
  metricsNamespace: 'METRICS_NAMESPACE',
} as const

/** Rejected records are written under this prefix, then the pipeline's name; Lambda itself writes under `aws/lambda/`. */
export const rejectedRecordsPrefix = 'rejected/'

/** The one dimension of these metrics; its value is the pipeline's name. */
export const metricsDimension = 'service'

/**
 * The functions' own metrics, of one invocation each. A redelivered record is counted again at each delivery. Every name
 * here is paid for, by pipeline and month, and lengthens a line of the log at every invocation: each answers a question
 * of somebody on call that no metric of AWS does.
 */
export const metric = {
  // Is all that came in accounted for? The other five add up to the records.
  records: 'Records',
  counted: 'Counted',
  duplicates: 'Duplicates',
  filtered: 'Filtered',
  rejected: 'Rejected',
  unfinished: 'Unfinished',

  // Whose fault were the rejects? The producer's, or, of the others, ours; why ours is written only where it is.
  /** What was sent can be counted nowhere. */
  invalid: 'Invalid',
  /** It was sent too late for its window. */
  late: 'Late',
  /** Its cell was closed before the function came to it: the pipeline was too slow. */
  expired: 'Expired',
  /** Its cell was full. */
  overCap: 'OverCap',
  /** The pipeline's own code threw, or its source is not what it was made for. */
  pipelineFaults: 'PipelineFaults',

  // What does a batch take, and what does it cost? Momento has no metrics in CloudWatch.
  storeRequests: 'StoreRequests',
  storeBytesRead: 'StoreBytesRead',
  storeBytesWritten: 'StoreBytesWritten',

  // Is the store why we are slow?
  /** Milliseconds, of each request; a sample where there were very many. */
  storeLatency: 'StoreLatency',
  storeFailures: 'StoreFailures',
  /** Those of the failures that say that a limit of the cache was reached. */
  storeLimitRefusals: 'StoreLimitRefusals',
  /** Swaps that another writer was ahead of: too many instances share a cell. */
  swapConflicts: 'SwapConflicts',

  // Is it new environments? Lambda tells initialisations only in its log.
  coldStarts: 'ColdStarts',
} as const
