import { expect } from 'vitest'
import { unitsOf } from '../../src/domain/money.ts'
import type { Allocation, Order } from '../../src/domain/order.ts'
import { messageText } from '../../src/sandbox/rich-text.ts'
import { readButton } from '../../src/telegram/button-data.ts'
import type { Card, Look } from '../../src/telegram/cards/parts.ts'
import { textsFor } from '../../src/telegram/texts.ts'
import { NOW } from '../domain/sessions.ts'

export const look = (language: 'en' | 'ru' = 'en', now = NOW): Look => ({
  texts: textsFor(language),
  currency: 'SOL',
  stake: { least: 0.001, most: 1 },
  now,
})

/** What people see of a card that Telegram takes: its markup, length, entities, and what the buttons carry. */
export function taken({ text, keyboard }: Card): string {
  for (const button of keyboard.flat())
    if ('callback_data' in button) expect(readButton(button.callback_data)).toBeDefined()
  const written = messageText({ text, parse_mode: 'HTML' })
  expect(written.entities.length).toBeLessThanOrEqual(100)
  return written.text
}

/** The same of a card in which nobody wrote anything strange: no hole is in it, and no number in exponent form. */
export function shown(card: Card): string {
  const text = taken(card)
  expect(text).not.toMatch(/undefined|NaN|\[object|[{}]|\d+e[+-]\d/)
  return text
}

/** 20,000 BONK for 0.4 SOL, recorded a moment ago. */
export const anOrder = (facts: Partial<Order> = {}): Order => ({
  id: 'k3f9x2abcd',
  proposalId: '3IrR2kQ1b7wz',
  sessionId: 'V1StGXR8_Z5j',
  groupId: 'group',
  side: 'buy',
  token: 'BONK',
  price: 'market',
  reference: { price: '0.00002', at: NOW - 300_000, source: 'walk' },
  sourceOrder: null,
  percent: null,
  state: 'recorded',
  reason: null,
  detail: null,
  asked: unitsOf('0.4'),
  scaledFrom: null,
  venue: 'paper',
  createdAt: NOW,
  notBefore: NOW,
  expiresAt: NOW + 24 * 3_600_000,
  dueAt: NOW,
  sentAt: null,
  sentPrice: null,
  attempts: 0,
  settledAt: null,
  reconciledAt: null,
  filledQuantity: 0n,
  filledQuote: 0n,
  fee: 0n,
  venueId: null,
  version: 1,
  cardMsgId: null,
  shownVersion: 0,
  toldState: null,
  contradiction: null,
  ...facts,
})

/** The same, carried out at 0.00002 SOL each. */
export const aFilledOrder = (facts: Partial<Order> = {}): Order =>
  anOrder({
    state: 'filled',
    sentAt: NOW,
    settledAt: NOW + 2000,
    dueAt: null,
    filledQuantity: unitsOf('19980'),
    filledQuote: unitsOf('0.3996'),
    fee: unitsOf('0.0004'),
    ...facts,
  })

/** Half of what that order brought, sold with a gain. */
export const aSale = (facts: Partial<Order> = {}): Order =>
  anOrder({
    id: 'sx7m2qpt9v',
    side: 'sell',
    sourceOrder: 'k3f9x2abcd',
    percent: 50,
    asked: unitsOf('9990'),
    ...facts,
  })

export const aPart = (memberId: number, pledged: string, facts: Partial<Allocation> = {}): Allocation => ({
  memberId,
  memberName: `@user${memberId}`,
  pledged: unitsOf(pledged),
  gave: 0n,
  got: 0n,
  fee: 0n,
  extra: 0n,
  held: 0n,
  ...facts,
})
