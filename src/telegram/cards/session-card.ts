import { FAREWELL_MS } from '../../domain/lifetime.ts'
import type { Session } from '../../domain/session.ts'
import { writeButton } from '../button-data.ts'
import { html } from '../texts.ts'
import { type Card, dateAndTime, type Look, lines, nameList } from './parts.ts'

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
      texts.html('session-participants', { count }),
      count > 0 && nameList(texts, names, NAMES_LIMIT),
      '',
      ...(session.open ? openLines(session, look) : closedLines(session, look)),
    ),
    keyboard: session.open ? joinButtons(session, look) : [],
  }
}

function openLines(session: Session, { texts }: Look): string[] {
  const { quorum, threshold } = session.rules
  const length = texts.html('minutes', { count: session.votingMinutes })
  const rules = [
    texts.html('session-vote-length', { minutes: html(length), count: session.votingMinutes }),
    quorum && 'count' in quorum && texts.html('session-quorum-count', { count: quorum.count }),
    quorum && 'percent' in quorum && texts.html('session-quorum-percent', { percent: quorum.percent }),
    threshold !== undefined && texts.html('session-threshold', { percent: threshold }),
  ]
  return [
    rules.filter(Boolean).join(' '),
    texts.html('session-how'),
    texts.html('session-ends', { time: dateAndTime(texts, session.expiresAt - FAREWELL_MS) }),
  ]
}

function closedLines(session: Session, { texts }: Look): string[] {
  const decided = session.proposals.filter((one) => one.result).length
  return [
    texts.html(session.closeReason === 'lifetime' ? 'session-ended-lifetime' : 'session-ended-admin'),
    texts.html('session-results', { count: decided }),
  ]
}

const joinButtons = (session: Session, { texts }: Look) => [
  [
    { text: texts.plain('button-join'), callback_data: writeButton({ verb: 'join', sessionId: session.id }) },
    { text: texts.plain('button-skip'), callback_data: writeButton({ verb: 'skip', sessionId: session.id }) },
  ],
]
