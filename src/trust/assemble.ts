// From what a CA has handed out to what a server shows: which certificate is that of the domain, which key is its key, and
// which chain leads from it to a CA. All questions are asked before a file is touched.
//
// Rule 1: the chain is validated as a partner would (`path.ts`), and what is missing in it is named.
// Rule 2: a root is looked at and not sent: whoever believes it has it.

import { withMore, type Anchors } from './anchors.ts'
import { isSelfIssued, type Certificate } from './certificate.ts'
import type { Handout, HandoutFault } from './handout.ts'
import { findName } from './names.ts'
import { findPath } from './path.ts'
import { encodePem } from './pem.ts'
import { keyText } from './strength.ts'
import { issuerText, subjectText, summarise } from './summary.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

export interface Assembled {
  /** Leaf first, without the root. */
  readonly chain: readonly [Certificate, ...Certificate[]]
  readonly fullchain: string
  /** PKCS#8 PEM. */
  readonly privkey: string
  /** The file that the key came out of. */
  readonly keyFile: string
  /** Where the chain ends. */
  readonly anchor: Certificate
}

export interface AssembleOptions {
  /** Canonical. */
  readonly domain: string
  /** Encrypts the key with it (PKCS#8, AES-256). */
  readonly passphrase?: string | undefined
  /** CAs known here; the roots in the files count too. */
  readonly anchors: Anchors
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Finds certificate, key and chain for the domain, or says what is missing. */
export function assemble({ certificates, keys }: Handout, o: AssembleOptions): Assembled | HandoutFault {
  const { domain, now } = o
  if (certificates.length === 0)
    return { fault: 'there is a key and no certificate', act: `Give the file with the certificate for ${domain} too.` }
  const all = certificates.map(({ what }) => what)
  const pairs = all.flatMap((leaf) => {
    const key = keys.find(({ what }) => leaf.x509.checkPrivateKey(what))
    return key ? [{ leaf, key }] : []
  })
  const named = (leaf: Certificate): boolean => findName(leaf.extensions.names, domain) !== undefined
  // Of several the one that stands for the domain, and of these the one that holds longest.
  const [best] = pairs.toSorted(
    (a, b) => Number(named(b.leaf)) - Number(named(a.leaf)) || b.leaf.notAfter - a.leaf.notAfter,
  )
  if (!best) return keyless(all.find(named) ?? all.find((one) => !isCa(one)) ?? all[0]!, keys, domain)
  const { leaf, key } = best
  if (!named(leaf)) return otherName(leaf, domain)
  const others = all.filter((one) => one !== leaf)
  const found = findPath([leaf, ...others], { anchors: withMore(o.anchors, rootsIn(all, leaf)), now })
  if ('reason' in found) return brokenChain(found.reason, found.detail, leaf)
  const anchor = found.path.at(-1)!
  const sent = found.path.filter((one) => one === leaf || !(one === anchor && isSelfIssued(one)))
  const chain: Assembled['chain'] = [leaf, ...sent.slice(1)]
  return {
    chain,
    fullchain: chain.map(({ raw }) => encodePem('CERTIFICATE', raw)).join(''),
    privkey: key.what.export({ type: 'pkcs8', format: 'pem', ...encryption(o.passphrase) }),
    keyFile: key.file,
    anchor,
  }
}

const encryption = (passphrase: string | undefined) =>
  passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }

const isCa = ({ extensions }: Certificate): boolean => extensions.basicConstraints?.ca === true

/** A root that was handed over, or a leaf that is its own. */
function rootsIn(all: readonly Certificate[], leaf: Certificate): readonly Buffer[] {
  return all.filter((one) => isSelfIssued(one) && (isCa(one) || one === leaf)).map(({ raw }) => raw)
}

function keyless(leaf: Certificate, keys: Handout['keys'], domain: string): HandoutFault {
  const its = `the certificate for ${summarise(leaf).names[0] ?? subjectText(leaf)} (${keyText(leaf)}, ${leaf.pin})`
  if (keys.length === 0)
    return {
      fault: `there is no key for ${its}`,
      act: `Give the file with its private key too. If \`sallyport cert csr ${domain}\` asked for it on another machine, import it there.`,
    }
  const tried = [...new Set(keys.map(({ file }) => file))].join(', ')
  return {
    fault: `none of the keys at hand (${tried}) is that of ${its}`,
    act: `Give the key with which that certificate was requested; if it is lost, make a new request: \`sallyport cert csr ${domain}\`.`,
  }
}

function otherName(leaf: Certificate, domain: string): HandoutFault {
  const names = summarise(leaf).names.join(', ')
  return {
    fault: `the certificate does not name ${domain} (it has ${names === '' ? 'no names; a common name does not count' : names})`,
    act: `Get one with the DNS name ${domain} in it: \`sallyport cert csr ${domain}\` asks for it.`,
  }
}

/** RFC 5280 §6.1 never began, because an issuer is not known. */
const NOWHERE: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-305', 'SP-306'])

function brokenChain(reason: ReasonId, detail: string, leaf: Certificate): HandoutFault {
  if (NOWHERE.has(reason)) {
    return {
      fault: `the chain is not complete: ${detail}`,
      act: `Give the certificates of the CAs above it too (a file called chain, bundle or intermediate; fullchain.pem in place of cert.pem), and of a CA of your own the root: it is looked at and not sent. Issued by: ${issuerText(leaf)}.`,
    }
  }
  return { fault: `partners would refuse it (${reason}): ${detail}`, act: 'Have the CA issue another one.' }
}
