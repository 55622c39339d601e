// A new key and the request (PKCS#10, RFC 2986) by which a CA certifies it: RSA by node-forge, EC by @peculiar/x509.
//
// Rule: it asks for the domain as DNS-ID and as SRV-ID (RFC 6120 §13.7.1.2). Public CAs issue the former only, which every
//       peer accepts; a CA of one's own can issue both, and one with an SRV-ID alone speaks for XMPP and nothing else.

import { createPrivateKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import type { GeneralName } from './general-name.ts'
import { domainName, makeKey, privateKeyPem, signRequest, subjectAltName } from './issue.ts'

export type RequestKey =
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' }
  | { readonly kind: 'rsa'; readonly bits: number }

export interface RequestOptions {
  /** Canonical; the first of the names, and the common name, for CAs that want one. */
  readonly domain: string
  readonly names: readonly GeneralName[]
  readonly key: RequestKey
  /** Encrypts the key (PKCS#8, AES-256). */
  readonly passphrase?: string | undefined
}

/** The names that a certificate of a domain needs, and those that it may have: RFC 6120 §13.7.1. */
export function namesOf(
  domain: string,
  o: { readonly srv: boolean; readonly xmppAddr: boolean },
): readonly GeneralName[] {
  return [
    domainName(domain),
    ...(o.srv ? [{ kind: 'srv', value: `_xmpp-server.${domain}` } as const] : []),
    ...(o.xmppAddr ? [{ kind: 'xmpp', value: domain } as const] : []),
  ]
}

/** Makes a key and its request; both PEM. */
export async function makeRequest(o: RequestOptions): Promise<{ readonly key: string; readonly csr: string }> {
  // RFC 5280 appendix A.1: a common name has at most 64 characters.
  const commonName = o.domain.length <= 64 ? o.domain : undefined
  const { key, csr } =
    o.key.kind === 'ec'
      ? await ecRequest(o.key.curve, o.names, commonName)
      : await rsaRequest(o.key.bits, o.names, commonName)
  return { key: o.passphrase === undefined ? key : encrypted(key, o.passphrase), csr }
}

type Pems = Promise<{ readonly key: string; readonly csr: string }>

async function ecRequest(
  curve: 'P-256' | 'P-384',
  names: readonly GeneralName[],
  commonName: string | undefined,
): Pems {
  const keys = await makeKey(curve === 'P-256' ? 'p256' : 'p384')
  const csr = await signRequest(commonName === undefined ? [] : [{ CN: [commonName] }], names, keys)
  return { key: await privateKeyPem(keys.privateKey), csr }
}

async function rsaRequest(bits: number, names: readonly GeneralName[], commonName: string | undefined): Pems {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
  const signing = forge.pki.privateKeyFromPem(key)
  const request = forge.pki.createCertificationRequest()
  request.publicKey = forge.pki.setRsaPublicKey(signing.n, signing.e)
  request.setSubject(commonName === undefined ? [] : [{ name: 'commonName', value: commonName }])
  // Ready-made: of other names than those it knows node-forge makes nothing.
  const { oid, value } = subjectAltName(names)
  const extensions = [{ id: oid, critical: false, value: Buffer.from(value).toString('latin1') }]
  request.setAttributes([{ name: 'extensionRequest', extensions }])
  request.sign(signing, forge.md.sha256.create())
  return { key, csr: forge.pki.certificationRequestToPem(request).replaceAll('\r', '') }
}

function encrypted(pem: string, passphrase: string): string {
  return createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
}
