import { flagOf, integerOf, listOf, textOf } from '../params.ts'
import { poll } from '../polling.ts'
import { badRequest } from '../refusal.ts'
import { startWebhook } from '../webhook-delivery.ts'
import type { World } from '../world.ts'
import { type Context, described, type Method } from './method.ts'

const getUpdates: Method = ({ world, params, gone }) => {
  setAllowed(world, listOf(params, 'allowed_updates'))
  const limit = Math.min(Math.max(integerOf(params, 'limit') ?? 100, 1), 100)
  const timeoutMs = Math.max(integerOf(params, 'timeout') ?? 0, 0) * 1000
  return poll(world, { offset: integerOf(params, 'offset') ?? 0, limit, timeoutMs, gone })
}

const setWebhook: Method = ({ world, params, run }) => {
  const url = textOf(params, 'url') ?? ''
  if (url === '') return removeWebhook(world, flagOf(params, 'drop_pending_updates'))
  if (!isAllowedAddress(url)) badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  const secret = textOf(params, 'secret_token')
  if (secret !== undefined && !/^[A-Za-z0-9_-]{0,256}$/.test(secret)) {
    badRequest('secret token contains unallowed characters')
  }
  setAllowed(world, listOf(params, 'allowed_updates'))
  if (flagOf(params, 'drop_pending_updates')) dropPending(world)
  world.endPoll?.('Conflict: terminated by setWebhook request')
  world.webhook?.stop()
  const maxConnections = Math.min(Math.max(integerOf(params, 'max_connections') ?? 40, 1), 100)
  world.webhook = startWebhook(world, { url, secret: secret || undefined, maxConnections }, run)
  return described(true, 'Webhook was set')
}

const deleteWebhook: Method = ({ world, params }) => removeWebhook(world, flagOf(params, 'drop_pending_updates'))

const getWebhookInfo: Method = ({ world }) => {
  const { webhook, updates } = world
  return {
    url: webhook?.url ?? '',
    has_custom_certificate: false,
    pending_update_count: updates.pending().length,
    ...(webhook && { max_connections: webhook.maxConnections, ip_address: '127.0.0.1' }),
    ...(webhook?.lastErrorAt !== undefined && {
      last_error_date: Math.floor(webhook.lastErrorAt / 1000),
      last_error_message: webhook.lastError,
    }),
    ...(updates.allowed && { allowed_updates: [...updates.allowed] }),
  }
}

function removeWebhook(world: World, drop: boolean): unknown {
  if (drop) dropPending(world)
  if (!world.webhook) return described(true, 'Webhook is already deleted')
  world.webhook.stop()
  world.webhook = undefined
  return described(true, 'Webhook was deleted')
}

function dropPending(world: World): void {
  for (const entry of world.updates.pending()) world.updates.settle(entry, 'dropped')
}

/** As with Telegram, the choice lasts until another is made, and an empty list is the default again. */
function setAllowed(world: World, kinds: readonly unknown[] | undefined): void {
  if (kinds) world.updates.allowed = kinds.length > 0 ? new Set(kinds.map(String)) : undefined
}

/** Telegram takes https only; a test's own server on this machine has no certificate. */
function isAllowedAddress(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
}

export const receiving: Readonly<Record<string, (context: Context) => unknown>> = {
  getUpdates,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
}
