import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { temporaryDir } from './temporary.ts'

export type TestCertificate = { cert: string; key: string; certFile: string; keyFile: string }

/** For localhost, and its own authority: nobody trusts it who was not given the file. */
export async function makeCertificate(dir = temporaryDir()): Promise<TestCertificate> {
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  const altNames = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ]
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  writeFileSync(certFile, made.cert)
  writeFileSync(keyFile, made.private)
  return { cert: made.cert, key: made.private, certFile, keyFile }
}
