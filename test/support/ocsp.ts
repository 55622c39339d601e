// Answers of an OCSP responder, by the `openssl` program: made at once, or served by it.

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TAG, writeDer, writeOid } from '../../src/trust/der.ts'
import { serialOf } from './crl.ts'
import { openssl } from './openssl.ts'
import type { Issued } from './pki.ts'
import { Program } from './program.ts'
import type { Cleanup } from './program.ts'

const OID_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

/** For `issue({ ekus })`: a responder that its CA has certified. */
export const RESPONDER = [OID_OCSP_SIGNING]

export interface ResponderOptions {
  /** Who issued the certificates it is asked about. */
  readonly ca: Issued
  /** Who signs; default: the CA. */
  readonly signer?: Issued
  readonly good?: readonly Issued[]
  readonly revoked?: readonly Issued[]
  /** Days until the next update; 0: says none. */
  readonly days?: number
  /** Leaves the certificate of the signer out of the answer. */
  readonly bare?: boolean
  /** By which the answer is signed; default: SHA-256. */
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'
}

/** The database of a CA, as the program reads it. */
export async function writeIndex(file: string, { good = [], revoked = [] }: ResponderOptions): Promise<void> {
  const line = (kind: string, since: string, one: Issued): string =>
    [kind, '391231235959Z', since, serialOf(one).toString('hex').toUpperCase(), 'unknown', '/CN=x'].join('\t')
  const lines = [
    ...good.map((one) => line('V', '', one)),
    ...revoked.map((one) => line('R', '260101000000Z,keyCompromise', one)),
  ]
  // A file of its own each time: within one second, the program knows a change by nothing else.
  await writeFile(`${file}.new`, lines.map((one) => `${one}\n`).join(''))
  await rename(`${file}.new`, file)
  await writeFile(`${file}.attr`, 'unique_subject = no\n')
}

async function argumentsOf(folder: string, o: ResponderOptions): Promise<string[]> {
  const { ca, signer = ca, days = 1, hash = 'SHA-256' } = o
  await writeIndex(join(folder, 'index.txt'), o)
  await writeFile(join(folder, 'ca.pem'), ca.pem)
  await writeFile(join(folder, 'signer.pem'), signer.pem)
  await writeFile(join(folder, 'signer.key'), signer.keyPem, { mode: 0o600 })
  const until = days > 0 ? ['-ndays', String(days)] : []
  const bare = o.bare ? ['-resp_no_certs'] : []
  return [
    'ocsp',
    '-index',
    'index.txt',
    '-CA',
    'ca.pem',
    '-rsigner',
    'signer.pem',
    '-rkey',
    'signer.key',
    ...['-rmd', hash.replace('-', '').toLowerCase()],
    ...until,
    ...bare,
  ]
}

/** DER of the answer to a request (DER). */
export async function answerTo(folder: string, request: Buffer, o: ResponderOptions): Promise<Buffer> {
  await writeFile(join(folder, 'request.der'), request)
  const args = await argumentsOf(folder, o)
  const said = await openssl(folder, [...args, '-reqin', 'request.der', '-respout', 'answer.der'])
  return readFile(join(folder, 'answer.der')).catch((error: unknown) => {
    throw new Error(said, { cause: error })
  })
}

/** `openssl ocsp` as a server, on every address. It reads its database again when that has changed. Gives back where it is. */
export async function serveOcsp(
  t: Cleanup,
  folder: string,
  host: string,
  o: ResponderOptions,
  port = 2560,
): Promise<string> {
  await Program.start(t, {
    name: 'openssl ocsp',
    command: 'openssl',
    args: [...(await argumentsOf(folder, o)), '-port', String(port)],
    cwd: folder,
    logFile: join(folder, 'ocsp.log'),
    ready: /waiting for OCSP client connections/i,
  })
  return `http://${host}:${port}/`
}

/** `authorityInfoAccess` with these responders, as an extension of a certificate. */
export function responders(...uris: readonly string[]): { oid: string; critical: boolean; value: Buffer } {
  const access = (uri: string): Buffer =>
    writeDer(TAG.sequence, writeOid('1.3.6.1.5.5.7.48.1'), writeDer(0x86, Buffer.from(uri, 'latin1')))
  return { oid: '1.3.6.1.5.5.7.1.1', critical: false, value: writeDer(TAG.sequence, ...uris.map(access)) }
}
