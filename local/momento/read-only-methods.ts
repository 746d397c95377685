import { dataMethods } from './data-methods.ts'

/** The methods, of both planes, that change nothing; all others write. */
const readOnlyMethods: ReadonlySet<string> = new Set([
  ...dataMethods.filter(({ kind }) => kind === 'read').map(({ name }) => name),
  'ListCaches',
  'Ping',
])

/** Whether a method, by its name in the service definition, changes nothing. */
export function isReadOnly(method: string): boolean {
  return readOnlyMethods.has(method)
}
