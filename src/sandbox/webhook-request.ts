import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

export type Delivery = { readonly status: number; readonly retryAfter: number; readonly body: string }

export type Poster = {
  /** Rejects when there was no answer, or the signal aborted. */
  post(body: string, signal: AbortSignal): Promise<Delivery>
  close(): void
}

/** Posts to one address over kept connections, as many at a time as it is asked to. */
export function createPoster(url: string, secret: string | undefined): Poster {
  const isSecure = url.startsWith('https:')
  const agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true })
  const request = isSecure ? httpsRequest : httpRequest
  return {
    post: (body, signal) =>
      new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
        }
        const sent = request(url, { method: 'POST', agent, headers, signal }, (response) => {
          read(response).then(resolve, reject)
        })
        sent.on('error', reject)
        sent.end(body)
      }),
    close: () => agent.destroy(),
  }
}

async function read(response: IncomingMessage): Promise<Delivery> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const retryAfter = Number(response.headers['retry-after'] ?? 0)
  return {
    status: response.statusCode ?? 0,
    retryAfter: Number.isFinite(retryAfter) ? Math.min(Math.max(retryAfter, 0), 3600) : 0,
    body: Buffer.concat(chunks).toString(),
  }
}
