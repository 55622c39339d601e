// The profile `nato`: for federated mission networks (FMN), with the PKI of the mission.
//
// FMN is public as the NATO Interoperability Standards and Profiles (NISP, nisp.nw3.dk); SIP is the Service Interface
// Profile for Basic Collaboration Services, NCIA INSTR TECH 06.02.12. Where they only name other standards, those count.

import type { Profile } from './profile.ts'

export const NATO: Profile = {
  name: 'nato',
  about: 'For federated mission networks, where everybody has certificates of the PKI of the mission.',
  versions: {
    is: ['TLSv1.3', 'TLSv1.2'],
    source: 'FMN Spiral 5, Transport Layer Security Profile (1.3) and Fallback Profile (1.2)',
  },
  suites: {
    is: ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256'],
    source: 'FMN Spiral 4, Cryptographic Algorithms Profile: AES (FIPS 197), SHA-2 (FIPS 180-4); RFC 8446 §9.1',
  },
  olderSuites: {
    is: [
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ],
    source:
      'FMN Spiral 5, Transport Layer Security Fallback Profile: RFC 7525 §4.2 (now RFC 9325 §4.2); FIPS 197, FIPS 180-4',
  },
  groups: {
    is: ['SecP384r1MLKEM1024', 'P-384', 'P-256'],
    source:
      'FMN Spiral 5, Transport Layer Security Fallback Profile (required: secp256r1, secp384r1); the hybrid with ML-KEM-1024 (FIPS 203) in front is our choice: it contains P-384 and needs no trust in the new part',
  },
  signatures: {
    is: [
      'ecdsa_secp384r1_sha384',
      'ecdsa_secp256r1_sha256',
      'rsa_pss_pss_sha384',
      'rsa_pss_pss_sha256',
      'rsa_pss_rsae_sha384',
      'rsa_pss_rsae_sha256',
      'rsa_pkcs1_sha384',
      'rsa_pkcs1_sha256',
    ],
    source: 'FMN Spiral 4, Cryptographic Algorithms Profile: SHA-256 or SHA-384, RSA, P-256 or P-384',
  },
  certificateSignatures: {
    is: ['RSA SHA-256', 'RSA SHA-384', 'RSA-PSS SHA-256', 'RSA-PSS SHA-384', 'ECDSA SHA-256', 'ECDSA SHA-384'],
    source: 'FMN Spiral 4, Cryptographic Algorithms Profile: SHA-256 or SHA-384',
  },
  keys: {
    is: ['RSA', 'EC P-256', 'EC P-384'],
    source: 'FMN Spiral 4, Cryptographic Algorithms Profile: RSA, NIST P-256 or P-384',
  },
  rsaBits: {
    is: 2048,
    source: 'FMN Spiral 4, Cryptographic Algorithms Profile: 2048, 3072 or 4096 for all but root CAs',
  },
  purposes: {
    is: 'own-side',
    source: 'our choice: the PKI of a mission can issue both usages, RFC 5280 §4.2.1.12',
  },
  anchors: {
    is: 'named',
    source: 'our choice: the PKIs of a mission are known by name',
  },
  revocation: {
    is: 'hard',
    source:
      'our choice; FMN Spiral 4, Digital Certificate Profile, has every CA publish CRLs over HTTP, and trust.crls takes those that are brought',
  },
  reauthenticate: {
    is: 'never',
    source: 'our choice: FMN asks for none; trust.reauthenticate decides',
  },
  dialback: {
    is: true,
    source: 'SIP §2.4.2: where SASL EXTERNAL cannot be had; only over TLS, and only for partners whose entry says so',
  },
  fips: {
    is: 'reported',
    source: 'our choice: FMN names algorithms of FIPS, not a validated module',
  },
  plaintextCore: {
    is: false,
    source: 'our choice',
  },
  logServers: {
    is: 0,
    source: 'our choice: FMN names no number',
  },
  notice: {
    is: 'none',
    source: 'our choice: nations have notices of their own',
  },
}
