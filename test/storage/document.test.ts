import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyJson, type ParsedDocument, parseDocument, prefixOf, serialise } from '../../src/storage/document.ts'
import { aSession } from '../support/sessions.ts'

/** The sample of the design, without any of the fields that came later. */
const sample = {
  version: 7,
  write: 'Uakgb_J5m9g',
  format: 1,
  id: 'V1StGXR8_Z5j',
  message: 'Buy BONK token',
  chatId: -1001234567890,
  msgId: 12345,
  open: true,
  createdBy: 123456789,
  createdByUsername: '@user1',
  createdAt: 1767000000000,
  votingMinutes: 5,
  participants: [{ id: 123456789, name: '@user1' }],
  proposals: [
    {
      id: '3IrR2kQ1b7wz',
      text: 'BUY token=MALONEY amount=0.05 price=market',
      type: 'buy',
      trade: { side: 'buy', token: 'MALONEY', amount: 0.05, price: 'market' },
      votes: { '123456789': { vote: 'yes', amount: 0.05, at: 1767000060000, update: 81234 } },
      open: true,
      createdBy: 123456789,
      createdByUsername: '@user1',
      msgId: 12346,
      duration: 5,
      startTime: 1767000050000,
      endTime: 1767000350000,
      result: null,
    },
  ],
}

const text = JSON.stringify(sample)

function ok(parsed: ParsedDocument) {
  if (parsed.kind !== 'ok') throw new Error(JSON.stringify(parsed))
  return parsed
}

describe('a document', () => {
  test('begins with its version and write, then its format, then the fields in their order', () => {
    const shuffled = Object.fromEntries(Object.entries(aSession()).reverse()) as ReturnType<typeof aSession>
    const written = serialise(shuffled, 7, 'Uakgb_J5m9g')
    expect(written.prefix).toBe('{"version":7,"write":"Uakgb_J5m9g",')
    expect(written.text.startsWith(`${written.prefix}"format":1,"id":`)).toBe(true)
    const fields = Object.keys(JSON.parse(written.text))
    expect(fields.slice(0, 13)).toEqual(Object.keys(sample).slice(0, 13))
  })

  test('of the design is read, what it lacks has a default, and it is written as it was', () => {
    const { session, stamp } = ok(parseDocument(text))
    expect(stamp).toEqual({ version: 7, write: 'Uakgb_J5m9g', prefix: prefixOf(7, 'Uakgb_J5m9g') })
    expect(session).toMatchObject({ language: 'en', rules: {}, lifetimeMinutes: 1440, departures: {}, notice: null })
    expect(session.participants[0]).toEqual({ id: 123456789, name: '@user1', update: 0 })
    expect(session.proposals[0]).toMatchObject({ update: 0, notice: null, archived: false })
    expect(session.proposals[0]).toMatchObject({ reference: null, funds: null, holders: null })
    expect(session.expiresAt).toBe(1767000350000 + 24 * 3_600_000)
    expect(JSON.parse(serialise(session, 7, 'Uakgb_J5m9g').text)).toMatchObject(sample)
    expect(Object.keys(session)).not.toContain('version')
  })

  test('with a sale, a price and what members have is read as it was written', () => {
    const facts = {
      type: 'sell',
      trade: { side: 'sell', order: 'k3f9x2abcd', percent: 50, token: 'BONK' },
      reference: { price: '0.0000201', at: 1767000050000, source: 'simulated' },
      funds: { each: 0.5, members: { '123456789': 0.000000001 } },
      holders: [{ id: 7_100_000_000_001, name: '@user2' }],
    }
    const full = { ...sample, proposals: [{ ...sample.proposals[0], ...facts }] }
    const { session } = ok(parseDocument(JSON.stringify(full)))
    expect(session.proposals[0]).toMatchObject(facts)
    expect(JSON.parse(serialise(session, 7, 'Uakgb_J5m9g').text)).toMatchObject(full)
  })

  test('that a person laid out anew is compared by what really stands there', () => {
    const pretty = JSON.stringify(sample, null, 2)
    const { stamp } = ok(parseDocument(pretty))
    expect(stamp.prefix).toBe('{\n  "version": 7,\n  "write": "Uakgb_J5m9g",')
    expect(pretty.startsWith(stamp.prefix)).toBe(true)
  })

  test('keeps unknown fields at every level', () => {
    const odd = structuredClone(sample) as Record<string, unknown> & typeof sample
    Object.assign(odd, { season: 1 })
    Object.assign(odd.participants[0]!, { badge: [1] })
    Object.assign(odd.proposals[0]!, { mood: 'good' })
    Object.assign(odd.proposals[0]!.trade, { slippage: 1 })
    Object.assign(odd.proposals[0]!, { reference: { price: '1', at: 1, source: 'x', depth: 5 } })
    Object.assign(odd.proposals[0]!, { funds: { each: null, members: {}, currency: 'SOL' } })
    Object.assign(odd.proposals[0]!, { holders: [{ id: 1, name: 'x', quantity: '5' }] })
    Object.assign(odd.proposals[0]!.votes['123456789'], { weight: 2 })
    Object.assign(odd, { rules: { quorum: { percent: 50, of: 'members' }, veto: true } })
    const { session } = ok(parseDocument(JSON.stringify(odd)))
    expect(JSON.parse(serialise(copyJson(session), 7, 'Uakgb_J5m9g').text)).toMatchObject(odd)
  })

  test.each([
    ['', 'it is not JSON'],
    ['null', 'it does not begin with its version and write'],
    ['[]', 'it does not begin with its version and write'],
    [`{"write":"x","version":7,${text.slice(35)}`, 'it does not begin with its version and write'],
    [text.replace('"chatId":-1001234567890', '"chatId":"-100"'), 'chatId: '],
    [text.replace('"vote":"yes"', '"vote":"maybe"'), 'proposals.0.votes.123456789.vote: '],
    [text.replace('"price":"market"', '"price":"cheap"'), 'proposals.0.trade.price: '],
    [text.replace('"result":null', '"result":null,"holders":[7]'), 'proposals.0.holders.0: '],
    [text.slice(0, -20), 'it is not JSON'],
  ])('is damaged: %#', (damaged, reason) => {
    expect(parseDocument(damaged)).toEqual({ kind: 'damaged', reason: expect.stringContaining(reason) })
  })

  test('of a newer format is known as such, whatever it looks like', () => {
    const newer = { kind: 'newer', format: 2 }
    expect(parseDocument(text.replace('"format":1', '"format":2'))).toEqual(newer)
    expect(parseDocument('{"format":2,"shape":"unheard of"}')).toEqual(newer)
  })

  test('no prefix is how that of another write begins', () => {
    const write = fc.stringMatching(/^[A-Za-z0-9_-]{1,11}$/)
    fc.assert(
      fc.property(fc.nat(200), write, fc.nat(200), write, (version, id, otherVersion, otherId) => {
        fc.pre(version !== otherVersion || id !== otherId)
        expect(prefixOf(version, id).startsWith(prefixOf(otherVersion, otherId))).toBe(false)
      }),
    )
  })
})

test('a copy equals its original and shares nothing with it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain = JSON.parse(JSON.stringify(value), (key, one) => (key === '__proto__' ? undefined : one))
      expect(JSON.stringify(copyJson(plain))).toBe(JSON.stringify(plain))
    }),
  )
  const { session } = ok(parseDocument(text))
  const copy = copyJson(session)
  copy.proposals[0]!.votes['1'] = { vote: 'no', amount: 0, at: 1, update: 1 }
  expect(session.proposals[0]!.votes).not.toHaveProperty('1')
})

test('a field that would give a copy what it does not have is left out', () => {
  expect(copyJson(JSON.parse('{"a":1,"__proto__":{"open":true}}'))).not.toHaveProperty('open')
})

test.each(['superseded', 'lost'] as const)(
  'a session closed as %s is told so, and can be read by the first versions',
  (closeReason) => {
    const closed = aSession({ open: false, closedAt: 5, closeReason })
    const { text } = serialise(closed, 3, 'write')
    // All that those know: they read the one field strictly, and keep the other.
    expect(JSON.parse(text)).toMatchObject({ closeReason: 'lifetime', closedAs: closeReason })
    expect(ok(parseDocument(text)).session).toEqual(closed)
    expect(ok(parseDocument(serialise(ok(parseDocument(text)).session, 4, 'next').text)).session).toEqual(closed)
  },
)
