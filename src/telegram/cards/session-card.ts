import { FAREWELL_MS } from '../../domain/lifetime.ts'
import type { CloseReason, Session } from '../../domain/session.ts'
import { writeButton } from '../button-data.ts'
import { html } from '../texts.ts'
import { type Card, dateAndTime, type Look, lines, nameList, ruleTexts } from './parts.ts'

const NAMES_LIMIT = 2500

/** What the session is about, who takes part, and the buttons to join. */
export function sessionCard(session: Session, look: Look): Card {
  const { texts } = look
  const names = session.participants.map((one) => one.name)
  const count = names.length
  return {
    text: lines(
      texts.html('session-title', { message: session.message }),
      texts.html('session-opened-by', { name: session.createdByUsername }),
      '',
      count === 0 && !session.open ? texts.html('session-nobody') : texts.html('session-participants', { count }),
      count > 0 && nameList(texts, names, NAMES_LIMIT),
      '',
      ...(session.open ? openLines(session, look) : closedLines(session, look)),
    ),
    keyboard: session.open ? joinButtons(session, look) : [],
  }
}

function openLines(session: Session, { texts }: Look): string[] {
  const length = texts.html('minutes', { count: session.votingMinutes })
  return [
    [texts.html('session-vote-length', { minutes: html(length) }), ...ruleTexts(session.rules, texts)].join(' '),
    texts.html('session-how'),
    texts.html('session-ends', { time: dateAndTime(texts, session.expiresAt - FAREWELL_MS) }),
  ]
}

const endedTexts = {
  admin: 'session-ended-admin',
  lifetime: 'session-ended-lifetime',
  superseded: 'session-ended-superseded',
  lost: 'session-ended-lost',
} satisfies Record<CloseReason, string>

function closedLines(session: Session, { texts }: Look): string[] {
  const decided = session.proposals.filter((one) => one.result).length
  return [texts.html(endedTexts[session.closeReason ?? 'admin']), texts.html('session-results', { count: decided })]
}

const joinButtons = (session: Session, { texts }: Look) => [
  [
    { text: texts.plain('button-join'), callback_data: writeButton({ verb: 'join', sessionId: session.id }) },
    { text: texts.plain('button-skip'), callback_data: writeButton({ verb: 'skip', sessionId: session.id }) },
  ],
]
