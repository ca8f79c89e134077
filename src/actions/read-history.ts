import type { PastProposal } from '../storage/records.ts'
import type { Deps } from './deps.ts'

export type { PastProposal }

/** A page of what the chat's group decided, newest first. */
export async function readHistory(
  deps: Deps,
  chatId: number,
  page: number,
  pageSize: number,
): Promise<{ total: number; proposals: PastProposal[] }> {
  const group = await deps.groups.find(chatId)
  if (!group) return { total: 0, proposals: [] }
  return deps.archive.history(group.id, pageSize, page * pageSize)
}
