import { parseAst } from 'vitest/node'

/** What the sources say of names, as far as it can be seen without a compiler: where they come from, and what is exact. */
export type Node = { type: string; start: number; end: number; [key: string]: unknown }
/** Where a name comes from, as far as it can be seen. */
export type Declaration = { name: string; scope: Node; isExact?: boolean; from?: Node; key?: string }
export type File = { name: string; source: string; nodes: Node[]; declarations: Declaration[] }
/** What declarations say: whether the fields, or functions, of a name are exact. */
export type Known = { fields: Map<string, boolean>; functions: Map<string, boolean> }

export const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'
export const nodeOf = (node: Node, part: string): Node | undefined => (isNode(node[part]) ? node[part] : undefined)
export const listOf = (node: Node, part: string): Node[] => ((node[part] ?? []) as unknown[]).filter(isNode)

export function* within(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* within(one)
  else if (isNode(value)) {
    yield value
    for (const part of Object.values(value)) yield* within(part)
  }
}

export const nameOf = (node: Node | undefined): string | undefined => {
  if (node?.type === 'Identifier') return node['name'] as string
  if (node?.type === 'MemberExpression' && node['computed'] !== true) return nameOf(nodeOf(node, 'property'))
  return undefined
}

const WRAPPERS: Record<string, string> = {
  TSNonNullExpression: 'expression',
  TSAsExpression: 'expression',
  TSSatisfiesExpression: 'expression',
  ParenthesizedExpression: 'expression',
  ChainExpression: 'expression',
  AwaitExpression: 'argument',
}

export function unwrapped(node: Node): Node {
  const inner = WRAPPERS[node.type] && nodeOf(node, WRAPPERS[node.type]!)
  return inner ? unwrapped(inner) : node
}

/** Undefined where the type says nothing about it. */
export function exactnessOfType(type: Node | undefined): boolean | undefined {
  switch (type?.type) {
    case 'TSTypeAnnotation':
    case 'TSTypeOperator':
      return exactnessOfType(nodeOf(type, 'typeAnnotation'))
    case 'TSArrayType':
      return exactnessOfType(nodeOf(type, 'elementType'))
    case 'TSBigIntKeyword':
      return true
    case 'TSNumberKeyword':
      return false
    case 'TSTypeReference':
      return /^(Units|Big)$/.test(nameOf(nodeOf(type, 'typeName')) ?? '') || undefined
    case 'TSUnionType': {
      const parts = listOf(type, 'types').map(exactnessOfType)
      return parts.includes(false) ? false : parts.includes(true) || undefined
    }
    default:
      return undefined
  }
}

export const isFunction = ({ type }: Node) =>
  /^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(type)
const isScope = (node: Node) => isFunction(node) || /^(Program|BlockStatement|For\w*Statement)$/.test(node.type)

/** The names that a pattern declares; of what is taken apart, the field tells what it is. */
function* namesIn(pattern: Node, scope: Node, facts: Omit<Declaration, 'name' | 'scope'>): Generator<Declaration> {
  if (pattern.type === 'Identifier') {
    const isExact = exactnessOfType(nodeOf(pattern, 'typeAnnotation'))
    yield { name: pattern['name'] as string, scope, ...facts, ...(isExact !== undefined && { isExact }) }
  } else if (pattern.type === 'AssignmentPattern') {
    const from = facts.key === undefined ? nodeOf(pattern, 'right') : facts.from
    const isBigint = unwrapped(nodeOf(pattern, 'right')!)['bigint'] !== undefined
    yield* namesIn(nodeOf(pattern, 'left')!, scope, {
      ...facts,
      ...(from && { from }),
      ...(isBigint && { isExact: true }),
    })
  } else if (pattern.type === 'ObjectPattern')
    for (const property of listOf(pattern, 'properties')) {
      const key = nameOf(nodeOf(property, 'key'))
      const value = nodeOf(property, 'value')
      if (key !== undefined && value) yield* namesIn(value, scope, { key })
    }
  else if (pattern.type === 'ArrayPattern')
    for (const element of listOf(pattern, 'elements')) yield* namesIn(element, scope, facts)
}

function declarationsIn(program: Node): Declaration[] {
  const found: Declaration[] = []
  const visit = (node: Node, scope: Node) => {
    const inner = isScope(node) ? node : scope
    if (node.type === 'VariableDeclarator') {
      const from = nodeOf(node, 'init')
      found.push(...namesIn(nodeOf(node, 'id')!, scope, from ? { from } : {}))
    }
    if (isFunction(node)) for (const param of listOf(node, 'params')) found.push(...namesIn(param, node, {}))
    if (node.type === 'ForOfStatement') {
      const [declarator] = listOf(nodeOf(node, 'left')!, 'declarations')
      if (declarator) found.push(...namesIn(nodeOf(declarator, 'id')!, node, { from: nodeOf(node, 'right')! }))
    }
    if (node.type === 'CallExpression') found.push(...callbackNames(node))
    for (const part of Object.values(node))
      for (const one of Array.isArray(part) ? part : [part]) if (isNode(one)) visit(one, inner)
  }
  visit(program, program)
  return found
}

/** `amounts.map((one) => …)`: what is handed to the function comes from the list, or from where the sum begins. */
function* callbackNames(call: Node): Generator<Declaration> {
  const callee = nodeOf(call, 'callee')!
  const [callback, start] = listOf(call, 'arguments')
  if (callee.type !== 'MemberExpression' || !callback || !isFunction(callback)) return
  const list = nodeOf(callee, 'object')!
  for (const [index, param] of listOf(callback, 'params').entries())
    if (param.type === 'Identifier' && !param['typeAnnotation'])
      yield* namesIn(param, callback, { from: index === 0 && nameOf(callee) === 'reduce' && start ? start : list })
}

export function parse(name: string, source: string): File {
  const program = parseAst(source, { lang: 'ts', astType: 'ts' }) as unknown as Node
  return { name, source, nodes: [...within(program)], declarations: declarationsIn(program) }
}

export function knownIn(nodes: readonly Node[]): Known {
  const known: Known = { fields: new Map(), functions: new Map() }
  const note = (kind: keyof Known, name: string | undefined, type: Node | undefined) => {
    const isExact = exactnessOfType(type)
    if (name !== undefined && isExact !== undefined) known[kind].set(name, (known[kind].get(name) ?? true) && isExact)
  }
  for (const node of nodes) {
    if (node.type === 'TSPropertySignature') note('fields', nameOf(nodeOf(node, 'key')), nodeOf(node, 'typeAnnotation'))
    if (node.type === 'FunctionDeclaration') note('functions', nameOf(nodeOf(node, 'id')), nodeOf(node, 'returnType'))
    if (node.type === 'VariableDeclarator') {
      const init = nodeOf(node, 'init')
      if (init && isFunction(init)) note('functions', nameOf(nodeOf(node, 'id')), nodeOf(init, 'returnType'))
    }
  }
  return known
}
