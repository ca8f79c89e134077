import { badRequest } from './refusal.ts'

/** Arguments of a call, as they came: JSON values, or strings where the body was a form. */
export type Params = Readonly<Record<string, unknown>>

export type UploadedFile = { readonly filename: string; readonly mimeType: string; readonly bytes: Buffer }

export function textOf(params: Params, key: string): string | undefined {
  const value = params[key]
  if (value === undefined || value === null) return undefined
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function integerOf(params: Params, key: string): number | undefined {
  const value = params[key]
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  return typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : undefined
}

export function flagOf(params: Params, key: string): boolean {
  const value = params[key]
  return value === true || value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value))
}

/** A structured argument; forms carry it as JSON text. */
export function structureOf(params: Params, key: string): unknown {
  const value = params[key]
  if (typeof value !== 'string') return value ?? undefined
  if (value === '') return undefined
  try {
    return JSON.parse(value)
  } catch {
    return badRequest(`can't parse ${key.replaceAll('_', ' ')} JSON object`)
  }
}

export function recordOf(params: Params, key: string): Params | undefined {
  const value = structureOf(params, key)
  return isRecord(value) ? value : undefined
}

export function listOf(params: Params, key: string): readonly unknown[] | undefined {
  const value = structureOf(params, key)
  return Array.isArray(value) ? value : undefined
}

export const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isUpload = (value: unknown): value is UploadedFile => isRecord(value) && Buffer.isBuffer(value['bytes'])
