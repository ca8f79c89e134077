import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idOfMessage, newId } from '../../src/lib/ids.ts'
import { type Button, readButton, writeButton } from '../../src/telegram/button-data.ts'
import { hostileText } from '../domain/arbitraries.ts'

const anId = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{12}$/),
  fc.constant(0).map(newId),
  fc.tuple(fc.integer(), fc.integer()).map(([chat, message]) => idOfMessage('session', 1, chat, message)),
)

const aButton: fc.Arbitrary<Button> = fc.oneof(
  fc.record({ verb: fc.constantFrom('join' as const, 'skip' as const), sessionId: anId }),
  fc.record({
    verb: fc.constant('yes' as const),
    sessionId: anId,
    proposalId: anId,
    amount: fc.integer({ min: 1, max: 1e15 }).map((units) => units / 1e9),
  }),
  fc.record({ verb: fc.constant('no' as const), sessionId: anId, proposalId: anId }),
  fc.record({ verb: fc.constant('history' as const), page: fc.integer({ min: 0, max: 9999 }) }),
  fc.record({ verb: fc.constant('language' as const), language: fc.constantFrom('en', 'ru') }),
)

test('what is written is read back, and fits', () => {
  fc.assert(
    fc.property(aButton, (button) => {
      const data = writeButton(button)
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64)
      expect(readButton(data)).toEqual(button)
      // A second time from the cache.
      expect(readButton(data)).toEqual(button)
    }),
  )
})

describe('what nobody wrote is nothing', () => {
  test.each([
    '',
    '1',
    '1.',
    '1.join',
    '1.join.',
    '1.join.short',
    '1.join.V1StGXR8_Z5jX',
    '1.join.V1StGXR8_Z5j.more',
    '1.join.V1StGXR8_Z5j\n',
    '1.JOIN.V1StGXR8_Z5j',
    '2.join.V1StGXR8_Z5j',
    '11.join.V1StGXR8_Z5j',
    '1.kick.V1StGXR8_Z5j',
    '1.yes.V1StGXR8_Z5j.3IrR2kQ1b7wz',
    '1.yes.V1StGXR8_Z5j.3IrR2kQ1b7wz.12345678901',
    '1.yes.V1StGXR8_Z5j.3IrR2kQ1b7wz.-1',
    '1.yes.V1StGXR8_Z5j.3IrR2kQ1b7wz.X',
    '1.no.V1StGXR8_Z5j',
    '1.history.-1',
    '1.history.99999',
    '1.language.eng',
    '1.language.EN',
    '__proto__',
  ])('%j', (data) => expect(readButton(data)).toBeUndefined())

  test('nor is any garbage, and what is read is always what was written', () => {
    const aForgery = fc.oneof(
      hostileText(80),
      fc
        .array(fc.constantFrom('1', 'yes', 'no', 'join', 'history', '.', 'V1StGXR8_Z5j', '5', '\n'))
        .map((all) => all.join('')),
      fc.tuple(aButton, fc.nat(70), fc.string({ maxLength: 3 })).map(([button, at, text]) => {
        const data = writeButton(button)
        return data.slice(0, at) + text + data.slice(at + 1)
      }),
    )
    fc.assert(
      fc.property(aForgery, (data) => {
        const button = readButton(data)
        if (button && button.verb !== 'history') expect(writeButton(button)).toBe(data)
      }),
      { numRuns: 2000 },
    )
  })
})
