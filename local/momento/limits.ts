/** Bytes of an item, key and value together. Momento's service quotas say 5 MB; 5,000,000 pass and 5,300,000 do not. */
export const itemLimitBytes = 5 * 1024 * 1024

/** Bytes of a value in a collection, and of a dictionary's field: 128 KB in Momento's service quotas. */
export const elementLimitBytes = 128 * 1024

/** The longest time to live in ms: 24 hours in Momento's service quotas. */
export const ttlLimitMs = 24 * 60 * 60 * 1000
