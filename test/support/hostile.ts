import type { Update } from 'telegraf/types'

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

export type Random = { (): number; below(limit: number): number; of<T>(list: readonly T[]): T }

/** The same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return Object.assign(next, { below, of: <T>(list: readonly T[]) => list[below(list.length)]! })
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

const NASTY_TEXTS = [
  '',
  ' ',
  '\u0000',
  'null\u0000byte',
  '\u202Eevil\u2066',
  '\uD83D',
  'half \uDC00 characters \uD800',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿'.repeat(50),
  'Ж'.repeat(500),
  '<b>&amp;</i>"\'',
  '{ $amount }',
  '%s%n%x',
  "'; DROP TABLE groups; --",
  '../../etc/passwd',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'toString',
  '1e309',
  '-0',
  'NaN',
  '\r\n\r\nHTTP/1.1 200 OK',
  '1.yes.aaaaaaaaaaaa.bbbbbbbbbbbb.zzzzzzzzzz',
]

const LONG_TEXTS = ['Ж'.repeat(5000), 'x'.repeat(70_000)]

const NASTY_NUMBERS = [0, -1, 1.5, 1e308, -1e308, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, -(2 ** 53), 1e-9, 9e15]

const COMMANDS = [
  '/vote',
  '/propose',
  '/create_session',
  '/close_session',
  '/status',
  '/history',
  '/orders',
  '/order',
  '/portfolio',
  '/prices',
  '/performance',
  '/export',
  '/halt',
  '/resume',
  '/settle',
  '/language',
  '/help',
  '/start',
  '/me',
  '/Vote@tradevote_bot',
]

const ARGUMENTS = [
  'yes',
  'no 0.05',
  'yes 1e9',
  'buy BONK 0.05 5m',
  '"BUY token=BONK amount=0.05 price=market" 5',
  '"SELL order=k3f9x2abcd share=50%" 5',
  'sell k3f9x2abcd 50%',
  '"Buy \u202E" 5 12h quorum=3 threshold=60%',
  'k3f9x2abcd filled 1 1',
  'ru',
  'all',
  '"'.repeat(3000),
  'a=b '.repeat(800),
  '= = =',
  'buy token=__proto__ amount=constructor',
]

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Makes attacks that nobody who may do something could have made: the same ones for the same random numbers. */
export function createHostile(target: Target, random: Random): () => Attack {
  const stranger = () => 9_000_000_000_000 + random.below(target.strangers)
  const foreignChat = () => -1_009_000_000_000 - random.below(50)
  const updateId = () => 1_000_000_000 + random.below(1_000_000_000)
  const aText = () => (random() < 0.002 ? random.of(LONG_TEXTS) : random.of(NASTY_TEXTS))

  const aValue = (depth = 2): Json => {
    switch (random.below(depth > 0 ? 9 : 6)) {
      case 0:
        return null
      case 1:
        return random() < 0.5
      case 2:
        return random.of(NASTY_NUMBERS)
      case 3:
        return String(random.of(NASTY_NUMBERS))
      case 4:
        return aText()
      case 5:
        return random.of([target.chatId, target.messageIds[0]!, random.below(1000)])
      case 6:
        return Array.from({ length: random.below(4) }, () => aValue(depth - 1))
      case 7:
        return { [random.of(['id', 'chat', 'length', 'toString', 'text', 'x'])]: aValue(depth - 1) }
      default:
        return polluting()
    }
  }

  /** `__proto__` as JSON has it: a field like any other. */
  const polluting = (): Json =>
    JSON.parse(
      random.of([
        '{"__proto__":{"polluted":true,"text":"/halt"}}',
        '{"constructor":{"prototype":{"polluted":true}}}',
        '{"id":1,"__proto__":{"is_bot":false,"id":1}}',
      ]),
    )

  const post = (kind: string, body: string, allowed: readonly number[]): Attack => ({
    kind,
    method: 'POST',
    path: target.path,
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': target.secret },
    body,
    allowed,
  })
  const update = (kind: string, content: { [key: string]: Json }): Attack => {
    const made = harmless({ update_id: updateId(), ...content })
    return post(kind, JSON.stringify(made), Number.isSafeInteger(made['update_id']) ? [200] : [400])
  }

  /** What would be somebody's right is made into what is nobody's. */
  const harmless = (made: { [key: string]: Json }): { [key: string]: Json } => {
    const query = asRecord(made['callback_query'])
    const message = asRecord(made['message'])
    const joins = typeof query?.['data'] === 'string' && query['data'].endsWith(target.sessionId)
    if (query && joins && asRecord(asRecord(query['message'])?.['chat'])?.['id'] === target.chatId)
      query['data'] = `1.join.${'z'.repeat(12)}`
    if (message && asRecord(message['chat'])?.['id'] === target.chatId) delete message['migrate_to_chat_id']
    return made
  }

  const asStranger = (value: Json, who: number): Json => {
    if (typeof value === 'number') return target.people.includes(value) ? who : value
    if (Array.isArray(value)) return value.map((one) => asStranger(one, who))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asStranger(one, who)]))
  }

  /** A real update of a stranger's making, in the group or in another. */
  const realUpdate = (): { [key: string]: Json } => {
    const copy = asStranger(JSON.parse(JSON.stringify(random.of(target.updates))), stranger()) as {
      [key: string]: Json
    }
    if (random() < 0.6) replaceDeep(copy, target.chatId, foreignChat())
    return { ...copy, update_id: updateId() }
  }

  const mutated = (): Attack => {
    const made = realUpdate()
    for (let count = 1 + random.below(3); count > 0; count--) {
      const place = random.of(placesIn(made))
      if (!place) break
      const { holder, key } = place
      if (random() < 0.2) delete (holder as { [key: string]: Json })[key]
      else (holder as { [key: string]: Json })[key] = aValue()
    }
    return update('mutated', made)
  }

  const extra = (): Attack => {
    const made = realUpdate()
    const { holder } = random.of(placesIn(made))
    const field = random.of([
      'migrate_to_chat_id',
      'migrate_from_chat_id',
      'sender_chat',
      'message',
      'poll',
      '__proto__',
    ])
    Object.defineProperty(holder, field, { value: aValue(), enumerable: true, writable: true, configurable: true })
    return update('extra', made)
  }

  const id12 = () => random.of([target.sessionId, target.proposalId, 'a'.repeat(12), '__proto_____', '------------'])
  const forgedData = (): string =>
    random.of([
      () => `1.yes.${target.sessionId}.${target.proposalId}.${random.of(['0', '1', 'zzzzzzzzzz', '-1', '1e9'])}`,
      () => `1.no.${target.sessionId}.${target.proposalId}`,
      () => `1.${random.of(['yes', 'no', 'join', 'skip', 'x'])}.${id12()}.${id12()}`,
      () => `1.${random.of(['history', 'orders'])}.${random.of(['0', '1', '9999', '99999', '-1'])}`,
      () => `1.${random.of(['again', 'cancel'])}.${random.of(['k3f9x2abcd', '__proto__a', ''])}`,
      () => `1.language.${random.of(['ru', 'en', 'xx', ''])}`,
      () => `${random.of(['0', '2', ''])}.no.${target.sessionId}.${target.proposalId}`,
      aText,
    ])()

  const person = () => ({
    id: stranger(),
    is_bot: random() < 0.1,
    first_name: aText() || 'S',
    ...(random() < 0.3 ? { username: aText() } : {}),
    ...(random() < 0.5 ? { language_code: random.of(['ru', 'en', 'xx', '']) } : {}),
  })
  const chat = () =>
    random() < 0.4
      ? { id: target.chatId, type: 'supergroup', title: 'Traders' }
      : { id: foreignChat(), type: random.of(['group', 'supergroup', 'channel', 'none']), title: aText() }

  const forged = (): Attack => {
    const message = {
      message_id: random.of([...target.messageIds, 1, 999_999]),
      date: random.of([0, 1_767_000_000]),
      chat: chat(),
    }
    const place = random() < 0.95 ? { message } : { inline_message_id: aText() }
    const query = { id: String(random.below(1e9)), from: person(), chat_instance: '1', data: forgedData(), ...place }
    return update('forged', { callback_query: query })
  }

  const command = (): Attack => {
    const word = random.of(COMMANDS)
    const text = `${word} ${random() < 0.6 ? random.of(ARGUMENTS) : aText()}`
    const from = person()
    const where = random() < 0.2 ? { id: from.id, type: 'private', first_name: 'S' } : chat()
    const message = {
      message_id: random.below(1e6),
      date: random.of([0, 1_767_000_000, 4_000_000_000]),
      chat: where,
      from,
      text,
      entities: [{ type: 'bot_command', offset: 0, length: random.of([word.length, word.length, 1, 0, -1, 1e6]) }],
      ...(random() < 0.1 ? { sender_chat: { id: foreignChat(), type: 'channel', title: aText() } } : {}),
    }
    return update('command', { message })
  }

  const garbage = (): Attack => {
    const whole = JSON.stringify(realUpdate())
    const body = random.of([
      () => whole.slice(0, random.below(whole.length)),
      () => whole.replace(/[{}:,]/g, (mark) => (random() < 0.1 ? '' : mark)).replace(/^/, ']'),
      () => `${whole}${whole}`,
      () => `\uFEFF\u0000${aText()}`,
      () => '['.repeat(1 + random.below(20_000)),
      () => `{"update_id":${'9'.repeat(400)}}`,
      () => '{"update_id":NaN}',
    ])()
    return post('garbage', body, [400])
  }

  const shape = (): Attack => {
    if (random() < 0.5) return post('shape', JSON.stringify(aValue(3)), [400])
    const kinds = ['message', 'callback_query', 'my_chat_member', 'edited_message', 'channel_post', 'poll', 'x']
    return update('shape', {
      [random.of(kinds)]: aValue(3),
      ...(random() < 0.2 ? { [random.of(kinds)]: aValue() } : {}),
    })
  }

  const deep = (): Attack => {
    const depth = 1 + random.below(random.of([10, 1000, 30_000]))
    const [open, close] = random.of([
      ['[', ']'],
      ['{"message":', '}'],
    ])
    const nested = `${open!.repeat(depth)}1${close!.repeat(depth)}`
    const kind = random.of(['message', 'callback_query', 'edited_message', 'x'])
    return post('deep', `{"update_id":${updateId()},"${kind}":${nested}}`, [200])
  }

  const astray = (): Attack => {
    const body = JSON.stringify(harmless(realUpdate()))
    const good = post('astray', body, [])
    const secret = (value: string) => ({
      ...good,
      headers: { 'x-telegram-bot-api-secret-token': value },
      allowed: [401],
    })
    return random.of([
      () => secret(target.secret.slice(1)),
      () => secret(`${target.secret}x`),
      () => secret(''),
      () => ({ ...good, headers: {}, allowed: [401] }),
      () => ({ ...good, method: random.of(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']), allowed: [405] }),
      () => ({ ...good, path: `${target.path}/${random.below(9)}`, allowed: [404] }),
      () => ({ ...good, path: random.of(['/', '/%ff', '/metrics', '/..%2f', '/admin', '/%00']), allowed: [400, 404] }),
      () => ({ ...good, path: `/healthz`, body: body.slice(1), allowed: [400, 404] }),
      () => ({
        ...good,
        headers: { ...good.headers, 'content-type': random.of(['text/plain', 'x/y', '']) },
        kind: 'type',
        allowed: [200],
      }),
    ])()
  }

  const kinds: [share: number, make: () => Attack][] = [
    [30, mutated],
    [16, forged],
    [6, command],
    [6, extra],
    [17, garbage],
    [16, shape],
    [1, deep],
    [7, astray],
  ]
  const total = kinds.reduce((sum, [share]) => sum + share, 0)
  return () => {
    let at = random() * total
    for (const [share, make] of kinds) {
      at -= share
      if (at < 0) return make()
    }
    return mutated()
  }
}

const asRecord = (value: Json | undefined): { [key: string]: Json } | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined

type Place = { holder: Json[] | { [key: string]: Json }; key: string }

/** Every place in the value at which something stands. */
function placesIn(value: { [key: string]: Json }): Place[] {
  const places: Place[] = []
  const walk = (holder: Json) => {
    if (typeof holder !== 'object' || holder === null) return
    for (const [key, one] of Object.entries(holder)) {
      places.push({ holder, key })
      walk(one)
    }
  }
  walk(value)
  return places
}

function replaceDeep(value: Json, from: number, to: number): void {
  for (const { holder, key } of placesIn(value as { [key: string]: Json })) {
    const at = holder as { [key: string]: Json }
    if (at[key] === from) at[key] = to
  }
}
