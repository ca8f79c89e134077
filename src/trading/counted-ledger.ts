import type { Telemetry } from '../metrics/telemetry.ts'
import type { Ledger } from './ledger.ts'

/** The same ledger, which tells each state that it brings an order into. */
export function countOrders(ledger: Ledger, telemetry: Pick<Telemetry, 'order'>): Ledger {
  return {
    ...ledger,
    async recordDecision(session, proposal, draft) {
      const order = await ledger.recordDecision(session, proposal, draft)
      // One that was recorded before has gone on since, or was told then.
      if (order && order.createdAt === draft?.createdAt) telemetry.order(order.state)
      return order
    },
    async advance(seen, change) {
      const order = await ledger.advance(seen, change)
      if (order && order.state !== seen.state) telemetry.order(order.state)
      return order
    },
    async settle(...settling) {
      const order = await ledger.settle(...settling)
      if (order) telemetry.order(order.state)
      return order
    },
  }
}
