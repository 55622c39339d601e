// A certificate in words, for status, records and log lines.
//
// SECURITY: every word of it is the peer's. Whatever a terminal would act on is escaped, and lists end somewhere.

import { nameText } from './names.ts'
import { keyText } from './strength.ts'
import type { Certificate } from './certificate.ts'
import type { CertificateSummary } from './verdict.ts'

const MOST_NAMES = 32
const LONGEST = 256
/** Nothing in it but what ASCII prints. */
const ORDINARY = /^[ -~]*$/

const summaries = new WeakMap<Certificate, CertificateSummary>()

/** The summary of a certificate. */
export function summarise(certificate: Certificate): CertificateSummary {
  let summary = summaries.get(certificate)
  if (!summary) {
    const { names } = certificate.extensions
    summary = {
      subject: subjectText(certificate),
      issuer: issuerText(certificate),
      names: [
        ...names.slice(0, MOST_NAMES).map((name) => plain(nameText(name))),
        ...(names.length > MOST_NAMES ? [`… and ${names.length - MOST_NAMES} more`] : []),
      ],
      notBefore: new Date(certificate.notBefore).toISOString(),
      notAfter: new Date(certificate.notAfter).toISOString(),
      spki: certificate.pin,
      key: keyText(certificate),
      serial: certificate.x509.serialNumber,
    }
    summaries.set(certificate, summary)
  }
  return summary
}

const subjects = new WeakMap<Certificate, string>()

/** The subject on one line; its first name where the subject is empty. */
export function subjectText(certificate: Certificate): string {
  let text = subjects.get(certificate)
  if (text === undefined) {
    const subject = oneLine(certificate.x509.subject)
    const [first] = certificate.extensions.names
    subjects.set(certificate, (text = plain(subject === '' && first ? nameText(first) : subject)))
  }
  return text
}

/** The issuer on one line. */
export function issuerText(certificate: Certificate): string {
  return plain(oneLine(certificate.x509.issuer))
}

/** OpenSSL's text of a name has a line per attribute; an empty name is undefined. */
function oneLine(text: string | undefined): string {
  return (text ?? '').split('\n').join(', ')
}

function plain(text: string): string {
  if (ORDINARY.test(text) && text.length <= LONGEST) return text
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return short.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)
}
