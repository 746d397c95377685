/** Of a request's expression. Source: CloudWatch API Reference, "MetricDataQuery". */
export const maximumExpressionCharacters = 2_048

/** A metric math expression, read. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  /** An id of the request, or a word such as REPEAT. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly args: readonly Expression[] }

export type Operator = '||' | '&&' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '+' | '-' | '*' | '/' | '^'

/** From those that bind least to those that bind most; each level is read from left to right. */
const levels: readonly (readonly Operator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
  ['^'],
]
const words: Readonly<Record<string, Operator>> = { AND: '&&', OR: '||' }

const tokenForm =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?<name>[A-Za-z][A-Za-z0-9_]*)|"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<sign>\|\||&&|[<>=!]=|[-+*/^<>()[\],]))/y

type Token =
  | { readonly kind: 'number' | 'name' | 'text'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }

/**
 * Reads an expression of CloudWatch's metric math: arithmetic, comparisons, `AND` and `OR`, calls, lists in brackets.
 * @throws Error that says where it is none
 */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text)
  let position = 0
  const next = (): Token | undefined => tokens[position]
  const takes = (sign: string): boolean => {
    const token = next()
    const isIt = token?.kind === 'sign' && token.text === sign
    if (isIt) position += 1
    return isIt
  }
  const expect = (sign: string): void => {
    if (!takes(sign)) throw new Error(`'${sign}' is missing before ${placeOf(next())}`)
  }

  const operatorOf = (level: readonly Operator[]): Operator | undefined => {
    const token = next()
    const named = token?.kind === 'name' ? words[token.text] : undefined
    const operator = level.find((each) => each === named || (token?.kind === 'sign' && each === token.text))
    if (operator !== undefined) position += 1
    return operator
  }
  const readLevel = (level: number): Expression => {
    const operators = levels[level]
    if (operators === undefined) return readOne()
    let left = readLevel(level + 1)
    for (let operator = operatorOf(operators); operator !== undefined; operator = operatorOf(operators))
      left = { kind: 'operation', operator, args: [left, readLevel(level + 1)] }
    return left
  }
  const readUntil = (sign: string): Expression[] => {
    if (takes(sign)) return []
    const items = [readLevel(0)]
    while (takes(',')) items.push(readLevel(0))
    expect(sign)
    return items
  }
  const readOne = (): Expression => {
    if (takes('-'))
      return { kind: 'operation', operator: '-', args: [{ kind: 'number', value: 0 }, readOne()] }
    if (takes('[')) return { kind: 'list', items: readUntil(']') }
    if (takes('(')) {
      const inner = readLevel(0)
      expect(')')
      return inner
    }
    const token = next()
    if (token === undefined || token.kind === 'sign')
      throw new Error(`a value is missing before ${placeOf(token)}`)
    position += 1
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
    if (token.kind === 'text') return { kind: 'text', value: token.text }
    return takes('(')
      ? { kind: 'call', name: token.text, args: readUntil(')') }
      : { kind: 'name', name: token.text }
  }

  const expression = readLevel(0)
  if (next() !== undefined) throw new Error(`nothing is expected at ${placeOf(next())}`)
  return expression
}

function tokensOf(text: string): Token[] {
  const trimmed = text.trimEnd()
  const tokens: Token[] = []
  let position = 0
  while (position < trimmed.length) {
    tokenForm.lastIndex = position
    const match = tokenForm.exec(trimmed)
    if (match?.groups === undefined) throw new Error(`'${trimmed.slice(position).trim()}' is not understood`)
    const { number, name, double, single, sign } = match.groups
    if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else tokens.push({ kind: 'text', text: double ?? single ?? '' })
    position = tokenForm.lastIndex
  }
  return tokens
}

function placeOf(token: Token | undefined): string {
  return token === undefined ? 'the end' : `'${token.text}'`
}
