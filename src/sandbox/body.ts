import type { IncomingMessage } from 'node:http'
import type { Params, UploadedFile } from './params.ts'
import { badRequest } from './refusal.ts'

/** The arguments of a call: those in the address, and those in the body, whichever of the three shapes it has. */
export async function readParams(request: IncomingMessage, query: URLSearchParams): Promise<Params> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const given = Object.fromEntries(query)
  if (body.length === 0) return given
  const type = request.headers['content-type'] ?? ''
  if (/^application\/json/i.test(type)) return { ...given, ...parsedJson(body) }
  if (/^multipart\/form-data/i.test(type)) return { ...given, ...parsedForm(body, type) }
  return { ...given, ...Object.fromEntries(new URLSearchParams(body.toString())) }
}

function parsedJson(body: Buffer): Params {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Params
  } catch {
    // Refused below, like every other body that holds no object.
  }
  return badRequest("can't parse request: expected a JSON object")
}

function parsedForm(body: Buffer, type: string): Params {
  const match = /boundary=(?:"([^"]+)"|([^;]+))/i.exec(type)
  const boundary = match?.[1] ?? match?.[2]
  if (!boundary) return badRequest("can't parse request: boundary not found")
  const params: Record<string, unknown> = {}
  for (const part of partsOf(body, `--${boundary.trim()}`)) {
    const end = part.indexOf('\r\n\r\n')
    if (end < 0) continue
    const head = part.subarray(0, end).toString()
    const name = /[; ]name="([^"]*)"/i.exec(head)?.[1]
    if (name !== undefined) params[name] = contentOf(head, part.subarray(end + 4))
  }
  return params
}

function contentOf(head: string, content: Buffer): string | UploadedFile {
  const filename = /filename="([^"]*)"/i.exec(head)?.[1]
  if (filename === undefined) return content.toString()
  const mimeType = /content-type: *([^\r\n;]+)/i.exec(head)?.[1] ?? 'application/octet-stream'
  return { filename, mimeType, bytes: Buffer.from(content) }
}

function* partsOf(body: Buffer, delimiter: string): Generator<Buffer> {
  let from = body.indexOf(delimiter)
  while (from >= 0) {
    const start = from + delimiter.length
    const next = body.indexOf(`\r\n${delimiter}`, start)
    if (next < 0) return
    yield body.subarray(start + 2, next)
    from = next + 2
  }
}
