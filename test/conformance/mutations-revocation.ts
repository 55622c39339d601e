// Deliberately wrong gateways: what was revoked, and who is asked. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const REVOCATION_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-revocation', about: 'Nothing was ever revoked.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'revoked' && mode !== 'off') ||",
    put: "(standing.status === 'revoked' && mode === 'never') ||",
    cases: [
      ...['SAS-02/revoked', 'PKI-08/revoked-outbound', 'PKI-11/below-revoked', 'PKI-13/revoked-live'],
      ...['PKI-08/asked-revoked', 'PKI-08/asked-revoked-outbound', 'TLS-16/below-no-list-stapled-revoked-outbound'],
      ...['PKI-16/listed-revoked', 'PKI-16/listed-revoked-outbound', 'PKI-16/listed-ldap-revoked'],
      ...['PKI-16/listed-ldap-revoked-outbound', 'PKI-13/responder-changes'],
    ],
  },
  {
    ...{ id: 'soft-revocation', about: 'What is not known counts as good.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'unknown' && mode === 'hard')",
    put: "(standing.status === 'unknown' && mode === 'never')",
    cases: [
      ...['PKI-10/below-no-list', 'PKI-10/below-stale-list', 'PKI-10/below-stale-list-outbound'],
      ...['PKI-08/asked-try-later', 'PKI-08/asked-nothing', 'PKI-08/asked-nothing-outbound'],
      ...['PKI-16/listed-nothing', 'PKI-16/listed-ldap-nothing', 'PKI-16/listed-out-of-date'],
      ...['PKI-16/listed-ldap-out-of-date', 'PKI-16/listed-by-another-ca', 'PKI-16/listed-ldap-by-another-ca'],
    ],
  },
  {
    ...{ id: 'hard-revocation', about: 'What is not known counts as revoked.', module: 'gateway/revocations.ts' },
    profile: 'standard',
    find: "(standing.status === 'unknown' && mode === 'hard')",
    put: "(standing.status === 'unknown' && mode !== 'off')",
    cases: [
      ...['PKI-08/asked-unknown-proves', 'PKI-08/asked-good-out-of-date-proves', 'PKI-08/asked-try-later-proves'],
      ...['PKI-08/asked-good-by-another-ca-proves', 'PKI-08/asked-nothing-proves'],
    ],
  },
  {
    ...{
      id: 'nobody-asked',
      about: 'No responder is asked, no list fetched.',
      module: 'trust/revocation/revocation.ts',
    },
    find: 'if (fetch) {\n      for (const standing of await this.#sought',
    put: 'if (fetch && about.path.length === 0) {\n      for (const standing of await this.#sought',
    cases: [
      ...['PKI-08/asked-proves', 'PKI-08/asked-outbound-proves', 'PKI-08/asked-delegate-proves', 'PKI-08/list-instead'],
      ...['PKI-16/listed-proves', 'PKI-16/listed-outbound-proves', 'PKI-16/listed-ldap-proves'],
      'PKI-16/listed-ldap-outbound-proves',
    ],
  },
  {
    ...{ id: 'list-first', about: 'Lists are fetched at once.', module: 'trust/revocation/revocation.ts' },
    find: 'const early = await (headStart === undefined ? answer : soon(answer, headStart))',
    put: 'const early = await (headStart === undefined ? answer : undefined)',
    cases: ['PKI-14/responder-first'],
  },
  {
    ...{ id: 'forgetful', about: 'What was fetched is forgotten.', module: 'trust/revocation/evidence.ts' },
    find: '      this.#remember(place, understood)\n      if (fetched.ok) this.#o.keeper?.keep(place,',
    put: '      if (fetched.ok && place === this.constructor.name) this.#o.keeper?.keep(place,',
    cases: ['PKI-09/responder-silent', 'PKI-09/list-gone', 'PKI-14/asked-once', 'PKI-14/fetched-once'],
  },
  {
    ...{ id: 'old-answers', about: 'Answers never run out.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (until < at) return unknown(',
    put: 'if (until < 0) return unknown(',
    cases: ['PKI-08/asked-good-out-of-date', 'TLS-16/below-no-list-stapled-good-out-of-date-outbound'],
  },
  {
    ...{ id: 'any-number', about: 'Answers are about whatever number.', module: 'trust/revocation/ocsp.ts' },
    find: 'own.serial.equals(Buffer.from(id.serialNumber)) &&',
    put: 'own.serial.length > 0 &&',
    cases: [
      'PKI-08/asked-good-of-another-certificate',
      'TLS-16/below-no-list-stapled-good-of-another-certificate-outbound',
    ],
  },
  {
    ...{ id: 'any-delegate', about: 'Whoever has a certificate answers.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (!usages?.includes(OID_OCSP_SIGNING) || signer.fingerprint',
    put: 'if (usages?.length === 0 || signer.fingerprint',
    cases: [
      'PKI-08/asked-good-by-somebody-not-certified-for-it',
      'TLS-16/below-no-list-stapled-good-by-somebody-not-certified-for-it-outbound',
    ],
  },
  {
    ...{ id: 'any-responder', about: 'Answers of any CA count.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (!isSignedBy(signed, signer)) continue',
    put: 'if (!isSignedBy(signed, signer)) continue\n    if (signer.issuer.key !== issuer.subject.key) return { certificate: signer }',
    cases: ['PKI-08/asked-good-by-another-ca', 'TLS-16/below-no-list-stapled-good-by-another-ca-outbound'],
  },
  {
    ...{ id: 'unknown-is-good', about: 'What a responder does not know is good.', module: 'trust/revocation/ocsp.ts' },
    find: "return good === undefined ? undefined : { status: 'good', until, by: 'responder' }",
    put: "return good === undefined ? { status: 'good', until } : { status: 'good', until }",
    cases: ['PKI-08/asked-unknown'],
  },
  {
    ...{ id: 'no-staples', about: 'What partners staple is not read.', module: 'trust/revocation/revocation.ts' },
    find: 'const stapled = this.#stapled(about.staple, asked)',
    put: 'const stapled = this.#stapled(undefined, asked)',
    cases: [
      ...['TLS-16/below-no-list-stapled-good-outbound-proves', 'TLS-16/spares-the-question'],
      'TLS-16/below-no-list-stapled-good-by-a-delegate-outbound-proves',
    ],
  },
  {
    ...{ id: 'no-own-staples', about: 'Nothing is stapled.', module: 'net/staples.ts', profile: 'standard' },
    find: 'if (others.length === 0) return only?.at(Date.now())',
    put: 'if (others.length === 0) return undefined',
    cases: ['TLS-16/sent-TLSv1.2', 'TLS-16/sent-TLSv1.3'],
  },
  {
    ...{ id: 'all-revoked', about: 'Whatever is known counts as revoked.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'revoked' && mode !== 'off') ||",
    put: "(standing.status !== 'unknown' && mode !== 'off') ||",
    cases: ['PKI-09/below-proves', 'PKI-03/partner-ca-proves', 'PKI-04/good-proves', 'PKI-01/below-proves'],
  },
  {
    ...{ id: 'as-named', about: 'Responders are those that certificates name, whatever settings say.' },
    module: 'trust/revocation/revocation.ts',
    find: 'responder === undefined ? pointers.responders.filter(isHttp) : [responder]',
    put: 'pointers.responders.filter(isHttp)',
    cases: ['PKI-15/asked-nowhere-operator-proves'],
  },
]
