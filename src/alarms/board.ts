import type { BaseAdapter } from '@bull-board/api/baseAdapter'
import type { Queue } from './pool.ts'

/** What may be looked at of the queue; the library that shows it is loaded only when somebody looks. */
export async function openBoard(queue: InstanceType<typeof Queue>): Promise<BaseAdapter> {
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter')
  return new BullMQAdapter(queue as never, {
    readOnlyMode: true,
    description: 'Timers; each rings for one thing to do',
  })
}
