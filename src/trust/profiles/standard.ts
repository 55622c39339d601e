// The profile `standard`: for partners on the Internet, whoever they are.

import type { Profile } from './profile.ts'

export const STANDARD: Profile = {
  name: 'standard',
  about: 'For partners on the Internet, with certificates of public CAs: as strict as it can be without losing them.',
  versions: {
    is: ['TLSv1.3', 'TLSv1.2'],
    source: 'RFC 9325 §3.1.1, which takes the place of RFC 7525, and that is part of XMPP by RFC 7590 §3',
  },
  suites: {
    is: ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'],
    source: 'RFC 8446 §9.1; the order is our choice: the longest key first',
  },
  olderSuites: {
    is: [
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ],
    source: 'RFC 9325 §4.2 (ECDHE with AES-GCM); RFC 7905 §2 (ChaCha20-Poly1305)',
  },
  groups: {
    is: ['X25519MLKEM768', 'SecP384r1MLKEM1024', 'X25519', 'P-256', 'P-384', 'P-521'],
    source:
      'RFC 8446 §9.1 (P-256, X25519), RFC 8422 §5.1.1 (P-384, P-521); that hybrids with ML-KEM (FIPS 203) come first is our choice: what is recorded today must not be read by a quantum computer of tomorrow',
  },
  signatures: {
    is: [
      'ecdsa_secp256r1_sha256',
      'ecdsa_secp384r1_sha384',
      'ecdsa_secp521r1_sha512',
      'ed25519',
      'ed448',
      'ecdsa_brainpoolP256r1tls13_sha256',
      'ecdsa_brainpoolP384r1tls13_sha384',
      'ecdsa_brainpoolP512r1tls13_sha512',
      'rsa_pss_pss_sha256',
      'rsa_pss_pss_sha384',
      'rsa_pss_pss_sha512',
      'rsa_pss_rsae_sha256',
      'rsa_pss_rsae_sha384',
      'rsa_pss_rsae_sha512',
      'rsa_pkcs1_sha256',
      'rsa_pkcs1_sha384',
      'rsa_pkcs1_sha512',
    ],
    source: 'RFC 8446 §4.2.3, RFC 8734 (Brainpool); without SHA-1: RFC 9155 §2 to §5',
  },
  certificateSignatures: {
    is: [
      'RSA SHA-256',
      'RSA SHA-384',
      'RSA SHA-512',
      'RSA-PSS SHA-256',
      'RSA-PSS SHA-384',
      'RSA-PSS SHA-512',
      'ECDSA SHA-256',
      'ECDSA SHA-384',
      'ECDSA SHA-512',
      'Ed25519',
      'Ed448',
    ],
    source: 'RFC 9325 §4.5 (SHA-256, and never SHA-1); as written in RFC 4055, RFC 5758 §3.2, RFC 8410 §3',
  },
  keys: {
    is: [
      'RSA',
      'EC P-256',
      'EC P-384',
      'EC P-521',
      'EC brainpoolP256r1',
      'EC brainpoolP384r1',
      'EC brainpoolP512r1',
      'Ed25519',
      'Ed448',
    ],
    source: 'RFC 8446 §4.2.3, RFC 8734 (Brainpool); other curves left out is our choice: public CAs issue for none',
  },
  rsaBits: {
    is: 2048,
    source: 'RFC 9325 §4.5',
  },
  purposes: {
    is: 'either',
    source: 'our choice: public CAs no longer issue clientAuth, and servers of XMPP are clients of TLS too',
  },
  anchors: {
    is: 'any',
    source: 'our choice: partners on the Internet have certificates of public CAs',
  },
  revocation: {
    is: 'off',
    source: 'our choice: trust.revocation decides, and is soft unless it says otherwise',
  },
  reauthenticate: {
    is: 'never',
    source: 'our choice: trust.reauthenticate decides; expiry and revocation end streams without it',
  },
  dialback: {
    is: true,
    source: 'our choice, after XEP-0344: only over TLS, and only for partners whose entry says so',
  },
  fips: {
    is: 'reported',
    source: 'our choice: nothing public asks for it on the Internet',
  },
  plaintextCore: {
    is: true,
    source: 'our choice: only on loopback and in networks that core.plaintextNetworks lists',
  },
  logServers: {
    is: 0,
    source: 'our choice: standard output, which the service of the host keeps or sends on',
  },
  notice: {
    is: 'none',
    source: 'our choice: whoever wants one writes it',
  },
}
