/** The methods, of both planes, that change nothing; all others write. */
const readOnlyMethods: ReadonlySet<string> = new Set([
  'Get',
  'GetBatch',
  'GetWithHash',
  'KeysExist',
  'ItemGetTtl',
  'ItemGetType',
  'DictionaryGet',
  'DictionaryFetch',
  'DictionaryLength',
  'SetFetch',
  'SetSample',
  'SetContains',
  'SetLength',
  'ListFetch',
  'ListLength',
  'SortedSetFetch',
  'SortedSetGetScore',
  'SortedSetGetRank',
  'SortedSetLength',
  'SortedSetLengthByScore',
  'ListCaches',
  'Ping',
])

/** Whether a method, by its name in the service definition, changes nothing. */
export function isReadOnly(method: string): boolean {
  return readOnlyMethods.has(method)
}
