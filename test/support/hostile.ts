import type { Update } from 'telegraf/types'
import { asFields, aText, aValue, type Fields, placesIn, type Random, replaceNumber } from './hostile-values.ts'
import { ARGUMENTS, COMMANDS } from './hostile-words.ts'

/** What is sent to the webhook, of which nothing may have an effect; and what may be answered. */
export type Attack = {
  kind: string
  method: string
  path: string
  headers: Record<string, string>
  body: string
  /** The statuses that are right. */
  allowed: readonly number[]
}

export type Target = {
  secret: string
  path: string
  /** Updates that real people made. */
  updates: readonly Update[]
  chatId: number
  /** Of everybody who may do something in the group. */
  people: readonly number[]
  /** Of the open session and its proposal. */
  sessionId: string
  proposalId: string
  messageIds: readonly number[]
  /** How many strangers there are. */
  strangers: number
}

type Maker = (target: Target, random: Random) => Attack

/** Makes attacks that nobody who may do something could have made: the same ones for the same random numbers. */
export function createHostile(target: Target, random: Random): () => Attack {
  const kinds: [share: number, make: Maker][] = [
    [30, mutated],
    [16, forged],
    [6, command],
    [6, extra],
    [17, garbage],
    [16, shape],
    [1, deep],
    [8, astray],
  ]
  const inShares = kinds.flatMap(([share, make]) => Array.from({ length: share }, () => make))
  return () => random.of(inShares)(target, random)
}

const stranger = ({ strangers }: Target, random: Random) => 9_000_000_000_000 + random.below(strangers)
const foreignChat = (random: Random) => -1_009_000_000_000 - random.below(50)
const updateId = (random: Random) => 1_000_000_000 + random.below(1_000_000_000)
const anything = ({ chatId, messageIds }: Target, random: Random, depth?: number) =>
  aValue(random, [chatId, messageIds[0]!], depth)

const post = ({ path, secret }: Target, kind: string, body: string, allowed: readonly number[]): Attack => ({
  kind,
  method: 'POST',
  path,
  headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret },
  body,
  allowed,
})

function update(target: Target, random: Random, kind: string, content: Fields): Attack {
  const made = harmless(target, { update_id: updateId(random), ...content })
  return post(target, kind, JSON.stringify(made), Number.isSafeInteger(made['update_id']) ? [200] : [400])
}

/** What would be somebody's right is made into what is nobody's. */
function harmless({ chatId, sessionId }: Target, made: Fields): Fields {
  const query = asFields(made['callback_query'])
  const message = asFields(made['message'])
  const joins = typeof query?.['data'] === 'string' && query['data'].endsWith(sessionId)
  if (query && joins && asFields(asFields(query['message'])?.['chat'])?.['id'] === chatId)
    query['data'] = `1.join.${'z'.repeat(12)}`
  if (message && asFields(message['chat'])?.['id'] === chatId) delete message['migrate_to_chat_id']
  return made
}

/** A real update of a stranger's making, in the group or in another. */
function realUpdate(target: Target, random: Random): Fields {
  const copy: Fields = JSON.parse(JSON.stringify(random.of(target.updates)))
  replaceNumber(copy, (one) => target.people.includes(one), stranger(target, random))
  if (random() < 0.6) replaceNumber(copy, (one) => one === target.chatId, foreignChat(random))
  return { ...copy, update_id: updateId(random) }
}

const mutated: Maker = (target, random) => {
  const made = realUpdate(target, random)
  for (let count = 1 + random.below(3); count > 0; count--) {
    const place = random.of(placesIn(made))
    if (!place) break
    if (random() < 0.2) delete place.holder[place.key]
    else place.holder[place.key] = anything(target, random)
  }
  return update(target, random, 'mutated', made)
}

const EXTRA = ['migrate_to_chat_id', 'migrate_from_chat_id', 'sender_chat', 'message', 'poll', '__proto__']

const extra: Maker = (target, random) => {
  const made = realUpdate(target, random)
  const { holder } = random.of(placesIn(made))
  const value = anything(target, random)
  Object.defineProperty(holder, random.of(EXTRA), { value, enumerable: true, writable: true, configurable: true })
  return update(target, random, 'extra', made)
}

function forgedData({ sessionId, proposalId }: Target, random: Random): string {
  const id = () => random.of([sessionId, proposalId, 'a'.repeat(12), '__proto_____', '------------'])
  return random.of([
    () => `1.yes.${sessionId}.${proposalId}.${random.of(['0', '1', 'zzzzzzzzzz', '-1', '1e9'])}`,
    () => `1.no.${sessionId}.${proposalId}`,
    () => `1.${random.of(['yes', 'no', 'join', 'skip', 'x'])}.${id()}.${id()}`,
    () => `1.${random.of(['history', 'orders'])}.${random.of(['0', '1', '9999', '99999', '-1'])}`,
    () => `1.${random.of(['again', 'cancel'])}.${random.of(['k3f9x2abcd', '__proto__a', ''])}`,
    () => `1.language.${random.of(['ru', 'en', 'xx', ''])}`,
    () => `${random.of(['0', '2', ''])}.no.${sessionId}.${proposalId}`,
    () => aText(random),
  ])()
}

const person = (target: Target, random: Random) => ({
  id: stranger(target, random),
  is_bot: random() < 0.1,
  first_name: aText(random) || 'S',
  ...(random() < 0.3 ? { username: aText(random) } : {}),
  ...(random() < 0.5 ? { language_code: random.of(['ru', 'en', 'xx', '']) } : {}),
})

const chat = ({ chatId }: Target, random: Random): Fields =>
  random() < 0.4
    ? { id: chatId, type: 'supergroup', title: 'Traders' }
    : { id: foreignChat(random), type: random.of(['group', 'supergroup', 'channel', 'none']), title: aText(random) }

const forged: Maker = (target, random) => {
  const message = {
    message_id: random.of([...target.messageIds, 1, 999_999]),
    date: random.of([0, 1_767_000_000]),
    chat: chat(target, random),
  }
  const place: Fields = random() < 0.95 ? { message } : { inline_message_id: aText(random) }
  const said = { id: String(random.below(1e9)), from: person(target, random), data: forgedData(target, random) }
  return update(target, random, 'forged', { callback_query: { ...said, chat_instance: '1', ...place } })
}

const command: Maker = (target, random) => {
  const word = random.of(COMMANDS)
  const from = person(target, random)
  const isPrivate = random() < 0.2
  const speaksAs = { sender_chat: { id: foreignChat(random), type: 'channel', title: aText(random) } }
  const message = {
    message_id: random.below(1e6),
    date: random.of([0, 1_767_000_000, 4_000_000_000]),
    chat: isPrivate ? { id: from.id, type: 'private', first_name: 'S' } : chat(target, random),
    from,
    text: `${word} ${random() < 0.6 ? random.of(ARGUMENTS) : aText(random)}`,
    entities: [{ type: 'bot_command', offset: 0, length: random.of([word.length, word.length, 1, 0, -1, 1e6]) }],
    ...(random() < 0.1 ? speaksAs : {}),
  }
  return update(target, random, 'command', { message })
}

const garbage: Maker = (target, random) => {
  const whole = JSON.stringify(realUpdate(target, random))
  const body = random.of([
    () => whole.slice(0, random.below(whole.length)),
    () => `]${whole.replace(/[{}:,]/g, (mark) => (random() < 0.1 ? '' : mark))}`,
    () => `${whole}${whole}`,
    () => `\uFEFF\u0000${aText(random)}`,
    () => '['.repeat(1 + random.below(20_000)),
    () => `{"update_id":${'9'.repeat(400)}}`,
    () => '{"update_id":NaN}',
  ])()
  return post(target, 'garbage', body, [400])
}

const KINDS = ['message', 'callback_query', 'my_chat_member', 'edited_message', 'channel_post', 'poll', 'x']

const shape: Maker = (target, random) => {
  if (random() < 0.5) return post(target, 'shape', JSON.stringify(anything(target, random, 3)), [400])
  const second = random() < 0.2 ? { [random.of(KINDS)]: anything(target, random) } : {}
  return update(target, random, 'shape', { [random.of(KINDS)]: anything(target, random, 3), ...second })
}

const deep: Maker = (target, random) => {
  const depth = 1 + random.below(random.of([10, 1000, 30_000]))
  const [open, close] = random.of([['[', ']'] as const, ['{"message":', '}'] as const])
  const nested = `${open.repeat(depth)}1${close.repeat(depth)}`
  return post(target, 'deep', `{"update_id":${updateId(random)},"${random.of(KINDS)}":${nested}}`, [200])
}

const astray: Maker = (target, random) => {
  const { path, secret } = target
  const good = post(target, 'astray', JSON.stringify(harmless(target, realUpdate(target, random))), [])
  const signed = (value: string) => ({ ...good, headers: { 'x-telegram-bot-api-secret-token': value }, allowed: [401] })
  const typed = (type: string) => ({ ...good, headers: { ...good.headers, 'content-type': type }, allowed: [200] })
  return random.of<() => Attack>([
    () => signed(secret.slice(1)),
    () => signed(`${secret}x`),
    () => signed(''),
    () => ({ ...good, headers: {}, allowed: [401] }),
    () => ({ ...good, method: random.of(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']), allowed: [405] }),
    () => ({ ...good, path: `${path}/${random.below(9)}`, allowed: [404] }),
    () => ({ ...good, path: random.of(['/', '/%ff', '/metrics', '/..%2f', '/admin', '/%00']), allowed: [400, 404] }),
    () => ({ ...good, path: '/healthz', body: good.body.slice(1), allowed: [400, 404] }),
    () => typed(random.of(['text/plain', 'x/y', ''])),
  ])()
}
