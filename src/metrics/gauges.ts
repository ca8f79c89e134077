import { Gauge, type Registry } from 'prom-client'
import type { Stats } from '../actions/read-stats.ts'
import { bounded, seconds } from './labels.ts'
import type { StoreName } from './telemetry.ts'

/**
 * What every instance of a fleet sees alike: take the `max` of it, not the sum. What could not be looked up is absent, so
 * that nobody takes an old number for a new one.
 */
export function createGauges(registry: Registry): (stats: Stats) => void {
  const gauge = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers: [registry] })
  const up = gauge('tradevote_store_up', 'Whether a store answers, as this process sees it.', ['store', 'kind'])
  const recorded = recordedGauges(gauge)
  const queue = queueGauges(gauge)
  return (stats) => {
    up.reset()
    for (const [store, { kind, isUp }] of Object.entries(stats.stores) as [StoreName, Stats['stores'][StoreName]][])
      up.set({ store, kind }, isUp ? 1 : 0)
    recorded(stats.recorded)
    queue(stats.queue)
  }
}

type MakeGauge = <L extends string = never>(name: string, help: string, labels?: readonly L[]) => Gauge<L>

function recordedGauges(gauge: MakeGauge) {
  const sessions = gauge('tradevote_sessions', 'Sessions ever recorded, by their state.', ['state'])
  const participants = gauge('tradevote_participants', 'Participations in sessions ever recorded.')
  const proposals = gauge('tradevote_proposals', 'Proposals ever decided.', ['outcome'])
  const votes = gauge('tradevote_votes_recorded', 'Votes that decided a proposal.', ['vote'])
  const orders = gauge('tradevote_orders', 'Orders ever recorded, by their state.', ['state'])
  const all = [sessions, proposals, votes, orders] as Pick<Gauge, 'reset'>[]
  return (recorded: Stats['recorded']) => {
    for (const one of all) one.reset()
    participants.remove()
    if (!recorded) return
    for (const [state, count] of Object.entries(recorded.sessions)) sessions.set({ state }, count)
    participants.set(recorded.participants)
    proposals.set({ outcome: 'approved' }, recorded.proposals.approved)
    proposals.set({ outcome: 'not_approved' }, recorded.proposals.notApproved)
    for (const [vote, count] of Object.entries(recorded.votes)) votes.set({ vote }, count)
    for (const [state, count] of Object.entries(recorded.orders)) orders.set({ state }, count)
  }
}

function queueGauges(gauge: MakeGauge) {
  const jobs = gauge('tradevote_queue_jobs', 'Alarms that are waiting for their time, due, or being handled.', [
    'kind',
    'state',
  ])
  const overdue = gauge(
    'tradevote_queue_overdue_seconds',
    'For how long the most overdue alarm of a kind has waited.',
    ['kind'],
  )
  const kindOf = bounded(30)
  return (queue: Stats['queue']) => {
    jobs.reset()
    overdue.reset()
    for (const { kind: rawKind, state, count, overdueMs } of queue ?? []) {
      const kind = kindOf(rawKind)
      jobs.inc({ kind, state }, count)
      if (state === 'waiting') overdue.set({ kind }, seconds(overdueMs))
    }
  }
}
