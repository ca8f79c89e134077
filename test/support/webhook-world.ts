import { unitsOf } from '../../src/domain/money.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import type { OrderRequest } from '../../src/trading/executor.ts'
import { createWebhookExecutor, type WebhookOptions } from '../../src/trading/webhook.ts'
import type { ExecutorWorld, VenueFault } from '../contracts/executors.ts'
import { type Receiver, SECRET, startReceiver } from './receiver.ts'

/** Enough for a slow machine; only what never answers waits for it. */
const PATIENCE_MS = 3000

export const aRequest = (overrides: Partial<OrderRequest> = {}): OrderRequest => ({
  id: newId(),
  side: 'buy',
  token: 'BONK',
  amount: unitsOf(overrides.side === 'sell' ? '2500' : '0.05'),
  price: '0.00002',
  limit: overrides.side === 'sell' ? '0.000019' : '0.000021',
  groupId: 'g1',
  deadline: Number.MAX_SAFE_INTEGER,
  ...overrides,
})

export const anExecutor = (url: string, overrides: Partial<WebhookOptions> = {}) =>
  createWebhookExecutor({
    url,
    secret: SECRET,
    allowPrivate: true,
    clock: systemClock,
    timeoutMs: PATIENCE_MS,
    ...overrides,
  })

/** The contract's world with a receiver of orders behind it. */
export async function webhookWorld(
  overrides: Partial<WebhookOptions> = {},
): Promise<ExecutorWorld & { receiver: Receiver }> {
  const receiver = await startReceiver(overrides.clock ?? systemClock)
  const create = () => anExecutor(receiver.url, overrides)
  const executor = create()
  return {
    receiver,
    executor,
    another: create,
    request: aRequest,
    executions: async (id) => receiver.executions(id),
    async fail(fault: VenueFault | undefined) {
      if (fault === 'away') return receiver.stop()
      await receiver.start()
      receiver.fault = fault
    },
    async close() {
      await executor.close()
      await receiver.stop()
    },
  }
}
