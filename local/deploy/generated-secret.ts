import { createHash } from 'node:crypto'
import * as z from 'zod'

/** What CloudFormation's `GenerateSecretString` may say, with its defaults. */
export const generateSecretSchema = z.strictObject({
  PasswordLength: z.int().min(1).max(4_096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeLowercase: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
})

const lowercase = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

/**
 * A password of the wanted kind, alone or as a member of the wanted JSON object. The same seed gives the same one: what
 * is deployed follows from the template alone, and nothing local is worth guessing.
 * @throws Error if no character is left, or the template for the JSON object is none.
 */
export function generateSecret(wanted: z.infer<typeof generateSecretSchema>, seed: string): string {
  const password = generatePassword(wanted, seed)
  const { SecretStringTemplate: template, GenerateStringKey: key } = wanted
  if (template === undefined || key === undefined) return password
  let members: unknown
  try {
    members = JSON.parse(template)
  } catch (error) {
    throw new Error('SecretStringTemplate is not JSON', { cause: error })
  }
  return JSON.stringify({ ...Object(members), [key]: password })
}

function generatePassword(wanted: z.infer<typeof generateSecretSchema>, seed: string): string {
  const kinds = [
    wanted.ExcludeLowercase ? '' : lowercase,
    wanted.ExcludeUppercase ? '' : lowercase.toUpperCase(),
    wanted.ExcludeNumbers ? '' : digits,
    wanted.ExcludePunctuation ? '' : punctuation,
    wanted.IncludeSpace ? ' ' : '',
  ]
    .map((kind) => Array.from(kind).filter((character) => !wanted.ExcludeCharacters.includes(character)))
    .filter((kind) => kind.length > 0)
  const all = kinds.flat()
  if (all.length === 0) throw new Error('GenerateSecretString leaves no character')
  return Array.from({ length: wanted.PasswordLength }, (_, index) => {
    // The first ones see to it that each kind is there.
    const choice = (wanted.RequireEachIncludedType ? kinds[index] : undefined) ?? all
    const bits = createHash('sha256').update(`${seed} ${index}`).digest().readUInt32BE()
    return choice[bits % choice.length] ?? ''
  }).join('')
}
