// The part of `check --online` that asks the OCSP responders about our own certificates, as the gateway does for its
// staples, and as partners do where it sends none.

import type { OwnDomain, Settings } from '../config/settings.ts'
import { fetcher } from '../net/fetch.ts'
import { Resolver } from '../net/resolve.ts'
import { loadAnchors } from '../trust/anchors.ts'
import type { Certificate } from '../trust/certificate.ts'
import { OwnCertificates } from '../trust/own-certificates.ts'
import type { Fetch } from '../trust/revocation/fetch.ts'
import { judgeResponse, LARGEST_OCSP_BYTES, ocspRequest, type Asked } from '../trust/revocation/ocsp.ts'
import { pointersOf } from '../trust/revocation/pointers.ts'
import type { Standing } from '../trust/revocation/standing.ts'
import { mustStaple, type Staple } from '../trust/staple.ts'
import type { Checked } from './checked.ts'

export interface ResponderCheck {
  readonly settings: Settings
  readonly now: () => number
  /** Default: over the network. */
  readonly obtain?: Fetch
}

/** What is said of each certificate of ours that names a responder; nothing where `trust.fetch` forbids to ask. */
export async function checkResponders(o: ResponderCheck): Promise<readonly Checked[]> {
  const { settings, now } = o
  if (!settings.trust.fetch) return []
  const asker = { ...o, obtain: o.obtain ?? overNetwork(settings) }
  const { own } = await OwnCertificates.load(settings.domains, { now, watch: false })
  await using _ = own
  const { anchors } = await loadAnchors(settings.trust.anchors)
  const known = [...anchors.byFingerprint.values()]
  const all = settings.domains.flatMap((domain) =>
    (own.identity(domain.domain)?.staples ?? []).map((staple) => asking(domain, staple, known, asker)),
  )
  return (await Promise.all(all)).flat()
}

async function asking(
  { domain: subject }: OwnDomain,
  { certificate, issuer: sent }: Staple,
  known: readonly Certificate[],
  o: Required<ResponderCheck>,
): Promise<readonly Checked[]> {
  const about = { area: 'certificates', subject } as const
  const pointers = pointersOf(certificate)
  const named = typeof pointers === 'string' ? [] : pointers.responders.filter((url) => /^http:/i.test(url))
  const { responder } = o.settings.trust
  const [url] = responder === undefined ? named : [responder]
  if (named.length === 0 || url === undefined) return []
  const issuer = sent ?? known.find((one) => certificate.x509.checkIssued(one.x509))
  const said = issuer && (await ask(url, { certificate, issuer }, o))
  if (!said) return []
  if (said.status === 'good')
    return [{ ...about, severity: 'ok', message: `the OCSP responder ${url} says that the certificate is good` }]
  if (said.status === 'revoked') {
    const message = `the CA has revoked the certificate: ${said.detail}`
    const act = `Order another one with \`sallyport cert csr ${subject}\`, and ask the CA why.`
    return [{ ...about, severity: 'error', message, act }]
  }
  const message = `the OCSP responder of the certificate does not say that it is good: ${said.detail}`
  const act = `Open the way to ${url}, and show the CA the detail: partners that insist on an answer refuse the certificate.`
  return [{ ...about, severity: mustStaple(certificate) ? 'error' : 'warning', message, act }]
}

async function ask(
  url: string,
  asked: Asked,
  { now, obtain }: Required<ResponderCheck>,
): Promise<Standing | undefined> {
  const octets = ocspRequest(asked)
  if (!octets) return undefined
  const body = { type: 'application/ocsp-request', octets }
  // Whoever runs this means our own certificates, whose CA may well be within our walls.
  const got = await obtain({ url, by: 'operator', body, mostBytes: LARGEST_OCSP_BYTES })
  return got.ok
    ? judgeResponse(got.octets, asked, now())
    : { status: 'unknown', reason: got.reason, detail: got.detail }
}

function overNetwork({ dns, limits }: Settings): Fetch {
  const resolver = new Resolver(dns)
  return fetcher({
    addresses: (host) => resolver.addresses(host),
    mayFetchFrom: () => true,
    timeoutMs: () => limits.revocationMs,
    mostBytes: () => limits.revocationBytes,
  })
}
