import { invalidParameter } from './request-input.ts'

/** A term: letters, digits and underscores, or anything in double quotes, with `-` before it to exclude it. */
const termForm = /\s*(-?)(?:"((?:[^"\\]|\\.)+)"|(\w+))(?=\s|$)/y

/**
 * What a filter pattern of plain terms says of a message: all terms occur in it, in that case, and no excluded one does.
 * A term occurs wherever its characters do, also within a word; the empty pattern matches everything.
 *
 * Throws `InvalidParameterException` for every other pattern: optional terms, regular expressions, JSON, columns.
 * Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax".
 */
export function filterOf(pattern: string): (message: string) => boolean {
  const terms: { readonly text: string; readonly isExcluded: boolean }[] = []
  const trimmed = pattern.trimEnd()
  for (let position = 0; position < trimmed.length; position = termForm.lastIndex) {
    termForm.lastIndex = position
    const [, minus, quoted, plain] = termForm.exec(trimmed) ?? []
    const text = plain ?? quoted?.replaceAll(/\\(.)/g, '$1')
    if (text === undefined)
      throw invalidParameter(
        `Invalid filter pattern at "${trimmed.slice(position).trimStart()}": here it is of terms only. A term with other ` +
          'characters than letters, digits and _ is in double quotes; - before a term excludes it.',
      )
    terms.push({ text, isExcluded: minus === '-' })
  }
  return (message) => terms.every(({ text, isExcluded }) => message.includes(text) !== isExcluded)
}
