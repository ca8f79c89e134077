import type { Deps } from './deps.ts'

/** Whether the host lets the group of this chat trade; also by a chat id that it had before. */
export async function isAllowedChat(
  { trading, groups }: Pick<Deps, 'trading' | 'groups'>,
  chatId: number,
): Promise<boolean> {
  if (!trading.groups || trading.groups.includes(chatId)) return true
  const group = await groups.find(chatId)
  if (!group) return false
  const named = await Promise.all(trading.groups.map((id) => groups.find(id)))
  return named.some((one) => one?.id === group.id)
}

export async function isAllowedGroup(deps: Pick<Deps, 'trading' | 'groups'>, groupId: string): Promise<boolean> {
  if (!deps.trading.groups) return true
  const group = await deps.groups.byId(groupId)
  return group !== undefined && isAllowedChat(deps, group.chatId)
}
