import { type Complaint, type Evidence, type OrderRow, type Place, proposalsOf } from '../evidence.ts'

/** Each approved trade became one order, which was carried out once, with the money of those who said yes. */
export function checkOrders(evidence: Evidence): Complaint[] {
  const { records } = evidence
  const places = proposalsOf(records.sessions)
  const ids = new Set(records.orders.map(({ id }) => id))
  const unknown = records.executions
    .filter((id) => !ids.has(id))
    .map((id) => ({ words: `the venue carried out ${id}, which is no order` }))
  return [
    ...places.flatMap((place) => aboutPlace(evidence, place)),
    ...unknown,
    ...records.books.map((line) => ({ words: `the books: ${line}` })),
  ]
}

function aboutPlace(evidence: Evidence, place: Place): Complaint[] {
  const { session, proposal } = place
  const wrong = (words: string): Complaint => ({ words, chatId: session.chatId, proposalId: proposal.id })
  const orders = evidence.records.orders.filter(({ proposal_id }) => proposal_id === proposal.id)
  const wanted = proposal.result?.approved ? 1 : 0
  if (orders.length !== wanted)
    return [wrong(`it is ${wanted ? 'approved' : 'not approved'}, and there are ${orders.length} orders`)]
  return orders.flatMap((order) => [...aboutOrder(evidence, order), ...aboutMoney(evidence, place, order)]).map(wrong)
}

function aboutOrder({ records, messages }: Evidence, order: OrderRow): string[] {
  const found: string[] = []
  const times = records.executions.filter((id) => id === order.id).length
  const isFilled = /filled/.test(order.state)
  if (!/^(filled|partly_filled|refused|cancelled)$/.test(order.state))
    found.push(`order ${order.id} has not ended: ${order.state} (${order.reason})`)
  if (times !== (isFilled ? 1 : 0))
    found.push(`order ${order.id} is ${order.state} (${order.reason}), and the venue carried it out ${times} times`)
  if (order.told_state !== order.state)
    found.push(`of order ${order.id} was told ${order.told_state}, not ${order.state}`)
  const card = messages.find(({ id, text }) => id === Number(order.card_msg_id) && text.includes(order.id))
  if (!card) found.push(`order ${order.id} has no card`)
  else if (isFilled && !/Bought|Sold/.test(card.text))
    found.push(`the card of order ${order.id} says “${card.text.slice(0, 200)}”`)
  return found
}

function aboutMoney({ records }: Evidence, { proposal }: Place, order: OrderRow): string[] {
  if (order.side === 'sell') return []
  return records.allocations
    .filter(({ order_id }) => order_id === order.id)
    .flatMap(({ member_id, pledged }) => {
      const vote = proposal.votes[member_id]
      const most = vote?.vote === 'yes' ? Math.round(vote.amount * 1e9) : 0
      return Number(pledged) <= most ? [] : [`order ${order.id} takes ${pledged} of ${member_id}, who staked ${most}`]
    })
}
