import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generateSecret, generateSecretSchema } from '../../../local/deploy/generated-secret.ts'

const generate = (wanted: object, seed = 'seed'): string =>
  generateSecret(generateSecretSchema.parse(wanted), seed)

describe('a generated secret', () => {
  it('has 32 characters of each kind but spaces, unless more is said', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const secret = generate({}, seed)
        expect(secret).toMatch(/^[!-~]{32}$/)
        for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/]) expect(secret).toMatch(kind)
      }),
    )
  })

  it.each([
    [{ PasswordLength: 5 }, /^[!-~]{5}$/],
    [{ ExcludePunctuation: true }, /^[a-zA-Z\d]{32}$/],
    [{ ExcludePunctuation: true, ExcludeLowercase: true, ExcludeNumbers: true }, /^[A-Z]{32}$/],
    [{ ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true }, /^[a-z]{32}$/],
    [{ ExcludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~abc' }, /^[d-zA-Z\d]{32}$/],
    [{ IncludeSpace: true }, / /],
  ])('is as wanted: %j', (wanted, form) => {
    expect(generate(wanted)).toMatch(form)
  })

  it('is a member of the JSON object that the template gives', () => {
    const wanted = { SecretStringTemplate: '{"user":"admin"}', GenerateStringKey: 'password' }
    expect(JSON.parse(generate(wanted))).toEqual({ user: 'admin', password: generate({}) })
  })

  it('is the same for the same secret and another for another', () => {
    expect(generate({}, 'a')).toBe(generate({}, 'a'))
    expect(generate({}, 'a')).not.toBe(generate({}, 'b'))
  })

  it.each([
    [
      {
        PasswordLength: 1,
        ExcludePunctuation: true,
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludeNumbers: true,
      },
      'GenerateSecretString leaves no character',
    ],
    [{ SecretStringTemplate: '{', GenerateStringKey: 'key' }, 'SecretStringTemplate is not JSON'],
  ])('is refused: %j', (wanted, message) => {
    expect(() => generate(wanted)).toThrow(message)
  })
})
