import { describe, expect, onTestFinished, test } from 'vitest'
import { endProposal } from '../../src/domain/proposals.ts'
import type { Proposal, Session } from '../../src/domain/session.ts'
import { Unavailable } from '../../src/lib/errors.ts'
import { createLog } from '../../src/lib/log.ts'
import { type BotApi, FloodWait, type Params, Refused } from '../../src/telegram/bot-api.ts'
import { votePicture } from '../../src/telegram/cards/vote-picture.ts'
import { createOutbox } from '../../src/telegram/outbox.ts'
import { createResultPhotos } from '../../src/telegram/result-photo.ts'
import { textsFor } from '../../src/telegram/texts.ts'
import { joinedBy, NOW, proposed, saleBy } from '../domain/sessions.ts'
import { createTestClock } from '../support/clock.ts'

const look = (language: 'en' | 'ru' = 'en') => ({
  texts: textsFor(language),
  currency: 'SOL',
  stake: { least: 0.001, most: 1 },
  now: NOW,
})

const vote = (amount: number, at = NOW) => ({ vote: 'yes' as const, amount, at, update: 200 })
const NO = { vote: 'no' as const, amount: 0, at: NOW, update: 200 }

/** Of six participants three said yes and one no. */
function decided(facts: Parameters<typeof proposed>[1] = {}): { session: Session; proposal: Proposal } {
  const session = joinedBy([1, 2, 3, 4, 5, 6])
  const proposal = proposed(session, facts)
  proposal.votes = { 2: vote(0.1, NOW + 2), 3: vote(0.25), 4: NO, 5: vote(0.1, NOW + 1) }
  endProposal(session, proposal, 'majority', NOW)
  return { session, proposal }
}

describe('the picture of a decision', () => {
  test('has the title, the verdict with its reason, the counts, and the stakes, largest and earliest first', () => {
    const { session, proposal } = decided()
    expect(votePicture(session, proposal, look())).toEqual({
      title: 'BUY BONK',
      approved: true,
      verdict: 'Approved. More participants said yes than no.',
      counts: [
        { label: 'Yes', count: 3 },
        { label: 'No', count: 1 },
        { label: 'Did not vote', count: 2 },
      ],
      stakesTitle: 'Stakes: 0.45 SOL',
      stakes: [
        { name: '@user3', amount: '0.25' },
        { name: '@user5', amount: '0.1' },
        { name: '@user2', amount: '0.1' },
      ],
      more: expect.any(Function),
      currency: 'SOL',
    })
  })

  test('speaks the language of the group, without markup or escapes', () => {
    const { session, proposal } = decided({
      trade: { side: 'buy', token: '<b>&"', amount: 0.05, price: 'market' },
    })
    const picture = votePicture(session, proposal, look('ru'))
    expect(picture).toMatchObject({
      title: 'КУПИТЬ <b>&"',
      verdict: 'Принято. Голосов «за» больше, чем «против».',
      stakesTitle: 'Ставки: 0.45 SOL',
    })
    expect(picture?.counts.map(({ label }) => label)).toEqual(['За', 'Против', 'Не голосовали'])
    expect(picture?.more(3)).toBe('и ещё 3')
  })

  test('has no stakes where nobody said yes, nor on a sale', () => {
    const { session, proposal } = decided()
    proposal.votes = { 4: NO }
    endProposal(session, proposal, 'rejected', NOW)
    expect(votePicture(session, proposal, look())).toMatchObject({
      approved: false,
      verdict: 'Not approved. More participants said no than yes.',
      stakesTitle: '',
      stakes: [],
    })
    const sale = decided(saleBy([1, 2, 3, 4, 5]))
    expect(votePicture(sale.session, sale.proposal, look())).toMatchObject({ stakesTitle: '', stakes: [] })
  })

  test('is not there while the vote is open', () => {
    const session = joinedBy([1, 2])
    expect(votePicture(session, proposed(session), look())).toBeUndefined()
  })
})

const PNG = Buffer.from('a picture')
const NOTICE = '✅ <b>Approved: BUY BONK</b>'

/** A notice on its way through Telegram, which fails as the script says; `draw` makes the picture. */
function sending(draw: () => Promise<Buffer | undefined>, ...script: Error[]) {
  const calls: { method: string; params: Params }[] = []
  const lines: string[] = []
  const clock = createTestClock()
  const log = createLog('debug', [], { write: (line: string) => void lines.push(line) })
  const api: BotApi = async <T>(method: string, params: Params) => {
    calls.push({ method, params })
    const failure = script.shift()
    if (failure) throw failure
    return { message_id: 77 } as T
  }
  const outbox = createOutbox(api, clock, log)
  onTestFinished(() => outbox.close())
  const photos = createResultPhotos({ pictures: { vote: draw }, outbox, log })
  const { session, proposal } = decided()
  const announce = (text = NOTICE) => photos(session, proposal, look()).send(-100, text, 12)
  return { announce, calls, clock, logged: () => lines.join('') }
}

const refused = (description: string, migratedTo?: number) => new Refused('sendPhoto', 400, description, migratedTo)

describe('a notice with its picture', () => {
  test('is one photo with the words beneath, as an answer to the card', async () => {
    const { announce, calls } = sending(async () => PNG)
    expect(await announce()).toEqual({ message_id: 77 })
    expect(calls).toEqual([
      {
        method: 'sendPhoto',
        params: {
          chat_id: -100,
          caption: NOTICE,
          parse_mode: 'HTML',
          photo: { source: PNG, filename: 'vote.png' },
          reply_parameters: '{"message_id":12,"allow_sending_without_reply":true}',
        },
      },
    ])
  })

  test.each([
    ['there is no picture', async () => undefined],
    ['the picture does not come in time', () => new Promise<undefined>(() => {})],
    ['the picture cannot be made', () => Promise.reject(new Error('no font'))],
  ])('is left to words where %s', async (_, draw) => {
    const { announce, calls } = sending(draw)
    expect(await announce()).toBeUndefined()
    expect(calls).toEqual([])
  })

  test('is left to words where they are too long to stand beneath a picture; markup does not count', async () => {
    const { announce, calls } = sending(async () => PNG)
    expect(await announce('x'.repeat(1025))).toBeUndefined()
    expect(calls).toEqual([])
    expect(await announce(`<b>${'&amp;'.repeat(1024)}</b>`)).toEqual({ message_id: 77 })
  })

  test('is left to words where the chat takes no photos', async () => {
    const { announce, calls, logged } = sending(async () => PNG, refused('not enough rights to send photos'))
    expect(await announce()).toBeUndefined()
    expect(calls).toHaveLength(1)
    expect(logged()).toContain('not enough rights to send photos')
  })

  test('is not sent a second time as a photo when it is unknown whether the first arrived', async () => {
    const { announce, calls } = sending(async () => PNG, new Unavailable('no answer'))
    await expect(announce()).rejects.toThrow(Unavailable)
    expect(await announce()).toBeUndefined()
    expect(calls).toHaveLength(1)
  })

  test('waits as Telegram asks, and is a photo then', async () => {
    const { announce, clock } = sending(async () => PNG, new FloodWait(3000))
    await expect(announce()).rejects.toThrow(FloodWait)
    clock.advance(3001)
    expect(await announce()).toEqual({ message_id: 77 })
  })

  test('follows a group that moved', async () => {
    const { announce } = sending(async () => PNG, refused('group chat was upgraded', -200))
    await expect(announce()).rejects.toMatchObject({ migratedTo: -200 })
  })

  test('is not taken for undeliverable when the token is refused', async () => {
    const { announce } = sending(async () => PNG, new Refused('sendPhoto', 401, 'Unauthorized', undefined))
    await expect(announce()).rejects.toThrow(Refused)
  })
})
