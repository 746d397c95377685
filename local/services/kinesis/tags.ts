import { z } from 'zod'
import { AwsServiceError } from '../aws-json-server.ts'
import { text } from './request-input.ts'
import type { Stream } from './stream.ts'

const maximumTags = 50

/** Letters and digits of any language, spaces, and these signs; `%` is documented nowhere and refused. */
const tagForm = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** A tag's key. */
export const tagKey = text(1, 128)

/** Values by key, at least one. */
export const tagsInput = z
  .record(tagKey, text(0, 256))
  .refine((tags) => Object.keys(tags).length > 0, 'Member must have length greater than or equal to 1')
  .refine(
    (tags) => Object.keys(tags).length <= maximumTags,
    `Member must have length less than or equal to ${maximumTags}`,
  )

/** Keys of tags to remove. */
export const tagKeysInput = z
  .array(tagKey)
  .min(1, 'Member must have length greater than or equal to 1')
  .max(maximumTags, `Member must have length less than or equal to ${maximumTags}`)

/**
 * Gives a stream tags, over those of the same keys.
 *
 * Throws `InvalidArgumentException` for characters that tags may not have and for more than 50 tags, having set none.
 */
export function addTags(stream: Stream, tags: Readonly<Record<string, string>>): void {
  assertTagForm(Object.entries(tags).flat())
  const all = new Map([...stream.tags, ...Object.entries(tags)])
  if (all.size > maximumTags) {
    throw new AwsServiceError(
      'InvalidArgumentException',
      `Failed to add tags to stream ${stream.name} under account ${stream.accountId} because a given stream cannot ` +
        `have more than ${maximumTags} tags associated with it.`,
    )
  }
  for (const [key, value] of all) stream.tags.set(key, value)
}

/** Takes tags from a stream; it need not have them. Throws `InvalidArgumentException` as {@link addTags} does. */
export function removeTags(stream: Stream, keys: readonly string[]): void {
  assertTagForm(keys)
  for (const key of keys) stream.tags.delete(key)
}

/** A stream's tags by their keys, as the API shows them. */
export function tagList({ tags }: Stream): readonly { readonly Key: string; readonly Value: string }[] {
  return [...tags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ Key: key, Value: value }))
}

/** Throws `InvalidArgumentException` for a character that neither keys nor values may have. */
export function assertTagForm(texts: readonly string[]): void {
  if (texts.every((part) => tagForm.test(part))) return
  throw new AwsServiceError(
    'InvalidArgumentException',
    'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - @ :.',
  )
}
