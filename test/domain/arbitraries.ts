import fc from 'fast-check'
import { fromUnits } from '../../src/domain/amount.ts'
import type { Trade } from '../../src/domain/trade.ts'

const UNITS = 1_000_000_000

/** An amount with up to 9 decimals. */
export const anAmount = (most = 1_000_000): fc.Arbitrary<number> =>
  fc
    .tuple(fc.bigInt({ min: 1n, max: BigInt(most) * BigInt(UNITS) }), fc.integer({ min: 0, max: 9 }))
    .map(([units, zeros]) => {
      const step = 10n ** BigInt(zeros)
      return fromUnits(units < step ? units : units - (units % step))
    })

/** Text as hostile people type it: markup, quotes, marks that reorder, half characters, very long. */
export const hostileText = (maxLength = 300): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: 'binary', maxLength }),
    fc.string({ unit: 'grapheme', maxLength }),
    fc.constantFrom(
      '</b>',
      '<script>',
      '&lt;b&gt;',
      '&',
      '"><a href="x">',
      '\u202Eevil',
      '{ $amount }',
      '%s',
      '\n\n',
      '',
    ),
    fc.constantFrom('😀', '<', '&', 'я').map((one) => one.repeat(maxLength)),
  )

/** A token as the grammar takes it: no white space, no comma at its end, at most 64 characters. */
export const aToken = (): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
      fc.stringMatching(/^[A-Za-z0-9<>&"'«»=%]{1,64}$/),
    )
    .map((text) => text.replace(/[\s\p{Cc}\p{Cf}]/gu, '_').replace(/,+$/, '_'))

export const aTrade = (): fc.Arbitrary<Trade> =>
  fc.oneof(
    fc
      .record({
        token: aToken(),
        amount: anAmount(),
        price: fc.oneof(
          fc.constant('market' as const),
          fc.stringMatching(/^([1-9][0-9]{0,4}|0)\.[0-9]{0,16}[1-9]$/).map((text) => `target:${text}` as const),
        ),
        cap: fc.option(anAmount(), { nil: undefined }),
      })
      .map(({ cap, ...facts }) => ({
        side: 'buy' as const,
        ...facts,
        ...(cap === undefined ? {} : { cap: Math.max(cap, facts.amount) }),
      })),
    fc.record({ side: fc.constant('sell' as const), order: aToken(), percent: fc.integer({ min: 1, max: 100 }) }),
  )
