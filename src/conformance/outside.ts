// What can be played against a gateway that runs, by whoever meets it from outside: cases in which a peer connects and all that
// is expected comes back to it. What its core hears, what its log says and whom it trusts is not at hand there.
//
// Rule: a case that cannot be played whole is not played. Nothing is said of its requirements but why.

import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Certificate, Step, TestCase } from './case.ts'

/** A gateway that runs, as whoever reports on it tells. */
export interface Outside {
  /** The domain of its own that peers talk to. */
  readonly domain: string
  /** Addresses at which it takes partners, one of a version of IP, and the ports. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where TLS begins at once. */
  readonly direct?: number | undefined
  /** What it is said to be; nothing here can know that. */
  readonly release?: string | undefined
  /** A user there; need not exist. */
  readonly user: string
  /** A domain that it admits, and what proves that: certificate and key, PEM. */
  readonly partner?: { readonly domain: string; readonly certificate: string; readonly key: string } | undefined
  /** Where it finds the server of that domain, which this run has to be. */
  readonly back?: { readonly host: string; readonly port: number } | undefined
}

/** What is wrong with how the partner proves itself, as the end of a sentence; undefined: nothing. */
export function unfit({ certificate, key }: NonNullable<Outside['partner']>): string | undefined {
  const faults: readonly (readonly [SecureContextOptions, string])[] = [
    [{ cert: certificate }, 'certificate: no certificate in PEM'],
    [{ key }, 'key: no private key in PEM without a passphrase'],
    [{ cert: certificate, key }, 'key: does not belong to the certificate'],
  ]
  return faults.find(([parts]) => !isTaken(parts))?.[1]
}

function isTaken(parts: SecureContextOptions): boolean {
  try {
    createSecureContext(parts)
    return true
  } catch {
    return false
  }
}

/** Whoever signs these, nobody trusts it. */
const ANYWHERE: ReadonlySet<Certificate> = new Set(['good', 'none', 'self-signed', 'unknown-ca'])

/** Cases in which what comes back are words of the core: of the laboratory it is known what that says. */
export const ANSWERED_BY_CORE: readonly string[] = [
  ...['PRS-02/answered', 'STZ-05/our-domain', 'GWY-03/about-us', 'STR-10/one-way'],
]

const CORE = 'what its core hears and says is not seen from outside'
const REVOCATION = 'the CA of the peer would have to say something of its certificate'
const PARTNER = 'no partner that is admitted there was named, and whoever is none comes no further than TLS'
const BACK = 'the gateway would have to find this run where the server of the peer is, and no place was named'

/** Cases that cannot be played there → why. */
export function unplayed(cases: readonly TestCase[], outside: Outside): ReadonlyMap<string, string> {
  return new Map(
    cases.flatMap((one) => {
      const why = hindrance(one, outside)
      return why === undefined ? [] : [[one.id, why] as const]
    }),
  )
}

function hindrance(one: TestCase, outside: Outside): string | undefined {
  const { steps } = one
  const { partner, back, direct } = outside
  if (one.role === 'initiating') return 'only its core can bring the gateway to open a stream'
  if (one.with === 'rooms') return 'its rooms are a domain of their own'
  if (one.own) return 'it is not to be stopped, nor to be set otherwise'
  if (one.leg === 'core') return 'where its core connects is not for others'
  if (one.stranger && outside.partner) return 'its peer would have to be a stranger'
  if (one.entry) return 'its peer would need an entry of its own there'
  if (one.dns || one.international) return 'its peer would need a domain of its own'
  if (one.direct && direct === undefined) return 'no port was named where TLS begins at once'
  if (!ANYWHERE.has(one.certificate ?? 'good'))
    return 'a CA that the gateway trusts would have to issue its certificate'
  if (one.responds || one.listed || one.stapled || one.answersFor) return REVOCATION
  if (ANSWERED_BY_CORE.includes(one.id)) return 'what its core answers is up to that'
  for (const step of steps) {
    const why = stepHindrance(step)
    if (why !== undefined) return why
  }
  if (!partner && goesBeyondTls(one)) return PARTNER
  return !back && steps.some(isAboutBack) ? BACK : undefined
}

function stepHindrance(step: Step): string | undefined {
  if ('coreSays' in step || 'coreHears' in step || ('at' in step && step.at === 'core')) return CORE
  if ('logs' in step || 'refers' in step) return 'its log is not at hand'
  if ('store' in step) return 'its store is not at hand'
  if ('logServer' in step) return 'its log servers are not at hand'
  if ('gateway' in step || 'core' in step) return 'it is not to be stopped'
  if ('listens' in step || 'ownFiles' in step) return 'its host is not at hand'
  if ('runs' in step) return 'its commands are not at hand'
  if ('revoke' in step || 'responds' in step || 'listed' in step || 'asks' in step) return REVOCATION
  if ('staples' in step) return 'what its responder has said is not known here'
  if ('tls' in step && step.suites !== undefined) return 'whether it has a key for such a suite is not known'
  if ('crowds' in step) return 'how many connections it takes is a matter of its settings'
  return undefined
}

/** Is anything said, or expected, in a stream after TLS has come about? */
function goesBeyondTls({ phase, steps, certificate }: TestCase): boolean {
  if (phase === 'secured' || phase === 'offered' || phase === 'authenticated') return true
  // That nobody's name is proven without a certificate is no merit where nobody is admitted.
  if (certificate !== undefined) return true
  const at = steps.findIndex((step) => 'tls' in step && step.refused !== true)
  return at >= 0 && steps.slice(at + 1).some((step) => 'say' in step || 'hear' in step || 'hearOneOf' in step)
}

const isAboutBack = (step: Step): boolean =>
  'comesBack' in step || 'peer' in step || ('at' in step && step.at === 'back')
