import {
  type Declaration,
  exactnessOfType,
  type File,
  isFunction,
  isNode,
  type Known,
  knownIn,
  listOf,
  type Node,
  nameOf,
  nodeOf,
  parse,
  unwrapped,
  within,
} from './money-syntax.ts'

/**
 * Finds arithmetic on money that is not done in whole base units. There are no types here, only names: what is called
 * `amount`, `price` or `filledQuote` is money, and so is what was made of it; what is declared as `Units` or comes from a
 * bigint is exact. As the compiler lets nobody mix a bigint with a number, one exact operand makes the whole exact.
 */
export type Finding = { file: string; line: number; code: string; problem: string }

type Lookup = (kind: keyof Known, name: string | undefined) => boolean

const MONEY = new Set(
  `amount stake price quantity quote fee cost cash value pledge pledged gave got held units worth profit proceeds balance
  fund spent realised deposited deposit asked aside money cap`.split(/\s+/),
)
/** Of these, the ones that are also verbs name no money where they are called. */
const VERBS = new Set(['asked', 'gave', 'got', 'held', 'pledged', 'spent'])
const MONEY_NAMES = new Set(['perTrade', 'perDay', 'leftToday'])
const OPERATORS = new Set(['+', '-', '*', '/', '%', '**'])
const ROUNDING = new Set(['round', 'floor', 'ceil', 'trunc', 'abs', 'fround', 'pow'])

/** `filledQuote`, `PRICES` and `yes_amount` end in a word for money. */
function isMoneyName(name: string): boolean {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split('_')
    .filter(Boolean)
  const last = words.at(-1) ?? ''
  return MONEY_NAMES.has(name) || MONEY.has(last) || MONEY.has(last.replace(/s$/, ''))
}

/** A file's own declarations count before those of all others. */
function lookupFor(file: File, all: Known): Lookup {
  const own = knownIn(file.nodes)
  return (kind, name) => name !== undefined && (own[kind].get(name) ?? all[kind].get(name)) === true
}

/** Answers what can be said of the expressions of one file. */
function readerOf({ declarations }: File, isKnown: Lookup) {
  const looking = new Set<Node>()
  /** A name that is made of itself, as in a loop, is asked for once. */
  const once = (node: Node, answer: () => boolean): boolean => {
    if (looking.has(node)) return false
    looking.add(node)
    try {
      return answer()
    } finally {
      looking.delete(node)
    }
  }
  const declared = (node: Node): Declaration[] => {
    const around = declarations.filter(
      ({ name, scope }) => name === node['name'] && scope.start <= node.start && node.end <= scope.end,
    )
    const size = Math.min(...around.map(({ scope }) => scope.end - scope.start))
    return around.filter(({ scope }) => scope.end - scope.start === size)
  }
  const field = (name: string | undefined) => isKnown('fields', name)

  function isExact(wrapped: Node): boolean {
    const claimed = wrapped.type === 'TSAsExpression' ? exactnessOfType(nodeOf(wrapped, 'typeAnnotation')) : undefined
    if (claimed !== undefined) return claimed
    const node = unwrapped(wrapped)
    const part = (name: string) => {
      const one = nodeOf(node, name)
      return one !== undefined && isExact(one)
    }
    switch (node.type) {
      case 'Literal':
        return typeof node['bigint'] === 'string'
      case 'Identifier':
        return once(node, () => isExactName(node))
      case 'MemberExpression':
        return node['computed'] === true ? part('object') : field(nameOf(node))
      case 'CallExpression':
        return isExactCall(node)
      case 'LogicalExpression':
      case 'BinaryExpression':
        return part('left') || part('right')
      case 'ConditionalExpression':
        return part('consequent') || part('alternate')
      case 'UnaryExpression':
        return part('argument')
      case 'ArrayExpression':
        return listOf(node, 'elements').some(isExact)
      default:
        return false
    }
  }

  function isExactName(node: Node): boolean {
    const found = declared(node)
    if (found.length === 0) return field(nameOf(node))
    if (found.some((one) => one.isExact === false)) return false
    return found.some((one) => {
      if (one.isExact || (one.key !== undefined && field(one.key))) return true
      if (one.from) return isExact(one.from)
      return one.key === undefined && field(one.name)
    })
  }

  function isExactCall(node: Node): boolean {
    const name = nameOf(nodeOf(node, 'callee'))
    if (name === 'BigInt' || isKnown('functions', name)) return true
    const [, start] = listOf(node, 'arguments')
    return name === 'reduce' && start !== undefined && isExact(start)
  }

  function isMoney(wrapped: Node): boolean {
    const node = unwrapped(wrapped)
    const part = (name: string) => {
      const one = nodeOf(node, name)
      return one !== undefined && isMoney(one)
    }
    switch (node.type) {
      case 'Identifier':
        return isMoneyName(node['name'] as string) || once(node, () => declared(node).some(isMadeOfMoney))
      case 'MemberExpression':
        return node['computed'] === true ? part('object') : isMoneyName(nameOf(node) ?? '')
      case 'CallExpression':
        return isMoneyCall(node)
      case 'LogicalExpression':
      case 'BinaryExpression':
        return part('left') || part('right')
      case 'ConditionalExpression':
        return part('consequent') || part('alternate')
      case 'UnaryExpression':
        return node['operator'] === '-' && part('argument')
      case 'ArrayExpression':
        return listOf(node, 'elements').some(isMoney)
      default:
        return false
    }
  }

  const isMadeOfMoney = ({ key, from }: Declaration): boolean =>
    key === undefined ? from !== undefined && !isFunction(from) && isMoney(from) : isMoneyName(key)

  /** `fromUnits(…)` is money by its name; a list of money stays one; `Math.max(…)` is what it is given. */
  function isMoneyCall(node: Node): boolean {
    const callee = nodeOf(node, 'callee')!
    const name = nameOf(callee) ?? ''
    if (isMoneyName(name) && !VERBS.has(name)) return true
    const passes =
      /^(Number|max|min|at|slice|filter|toSorted|reverse|values|reduce|map|get|find|round|floor|abs)$/.test(name)
    if (!passes) return false
    if (name === 'map') {
      const body = listOf(node, 'arguments')[0]?.['body']
      return isNode(body) && body.type !== 'BlockStatement' && isMoney(body)
    }
    return (
      listOf(node, 'arguments').some((one) => !isFunction(one) && isMoney(one)) ||
      (callee.type === 'MemberExpression' && isMoney(nodeOf(callee, 'object')!))
    )
  }

  return { isExact, isMoney }
}

const isText = (node: Node): boolean =>
  node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node['value'] === 'string')

/** Any word for money in what is turned into a number, however it is wrapped. */
const speaksOfMoney = (node: Node): boolean =>
  [...within(node)].some((one) => one.type === 'Identifier' && isMoneyName(one['name'] as string))

function problemOf(node: Node, { isExact, isMoney }: ReturnType<typeof readerOf>): string | undefined {
  const [left, right] = [nodeOf(node, 'left'), nodeOf(node, 'right')]
  const argument = nodeOf(node, 'argument')
  const operator = String(node['operator'] ?? '').replace(/(?<=.)=$/, '')
  switch (node.type) {
    case 'BinaryExpression':
    case 'AssignmentExpression': {
      if (!OPERATORS.has(operator) || !left || !right) return undefined
      if (operator === '+' && (isText(left) || isText(right))) return undefined
      const isFloat = (isMoney(left) || isMoney(right)) && !isExact(left) && !isExact(right)
      return isFloat ? `uses ${operator} on money that is not in whole units` : undefined
    }
    case 'UpdateExpression':
      return isMoney(argument!) && !isExact(argument!) ? 'counts money that is not in whole units' : undefined
    case 'UnaryExpression':
      return operator === '+' && (isMoney(argument!) || speaksOfMoney(argument!)) ? 'makes money a float' : undefined
    case 'CallExpression':
      return callProblem(node, isMoney, isExact)
    default:
      return undefined
  }
}

function callProblem(node: Node, isMoney: (one: Node) => boolean, isExact: (one: Node) => boolean): string | undefined {
  const callee = nodeOf(node, 'callee')!
  const name = nameOf(callee)
  const object = nodeOf(callee, 'object')
  const given = listOf(node, 'arguments')
  if (name === 'parseFloat') return 'reads a float'
  if (name === 'Number' && callee.type === 'Identifier')
    return given.some((one) => isMoney(one) || isExact(one) || speaksOfMoney(one)) ? 'makes money a float' : undefined
  if (nameOf(object) === 'Math' && ROUNDING.has(name ?? ''))
    return given.some(isMoney) ? 'rounds money as a float' : undefined
  if (object && /^(toFixed|toPrecision|toExponential)$/.test(name ?? ''))
    return isMoney(object) && !isExact(object) ? 'rounds money as a float' : undefined
  return undefined
}

/** Takes sources by name, all of which tell what is exact, and searches those that `isSearched` picks. */
export function floatMoneyIn(
  sources: Record<string, string>,
  isSearched: (file: string) => boolean = () => true,
): Finding[] {
  const files = Object.entries(sources).map(([name, source]) => parse(name, source))
  const all = knownIn(files.flatMap(({ nodes }) => nodes))
  return files
    .filter(({ name }) => isSearched(name))
    .flatMap((file) => {
      const reader = readerOf(file, lookupFor(file, all))
      return file.nodes.flatMap((node) => {
        const problem = problemOf(node, reader)
        const line = file.source.slice(0, node.start).split('\n').length
        return problem ? [{ file: file.name, line, code: file.source.slice(node.start, node.end), problem }] : []
      })
    })
}
