// The profile `dod`: for US DoD networks and National Security Systems, by the Commercial National Security Algorithm
// (CNSA) suite. A PKI that still issues P-256, RSA 2048 or SHA-256 does not meet it.
//
// SRG ids are those of the Enterprise Voice, Video, and Messaging Session Management SRG (EVVM), of the Application Layer
// Gateway SRG (ALG) of DISA. UCR 2013 is not cited: what it says of TLS is not public.

import type { Profile } from './profile.ts'

export const DOD: Profile = {
  name: 'dod',
  about: 'For US DoD networks: the CNSA suite, a validated module, revocation that is known, no dialback.',
  versions: {
    is: ['TLSv1.3', 'TLSv1.2'],
    source: 'NIST SP 800-52 rev. 2 §3.1; RFC 9151; EVVM SRG-NET-000062-VVSM-00010',
  },
  suites: {
    is: ['TLS_AES_256_GCM_SHA384'],
    source: 'RFC 9151 (CNSA): AES-256 in GCM with SHA-384',
  },
  olderSuites: {
    is: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    source:
      'RFC 9151 (CNSA); its suites without ECDHE are left out by our choice: RFC 9325 §4.1 wants forward secrecy, and finite fields add nothing',
  },
  groups: {
    is: ['SecP384r1MLKEM1024', 'P-384'],
    source:
      'RFC 9151 (CNSA): P-384; its finite fields are left out by our choice. The hybrid with ML-KEM-1024 (FIPS 203) in front is our choice, on the way to CNSA 2.0: it contains P-384',
  },
  signatures: {
    is: ['ecdsa_secp384r1_sha384', 'rsa_pss_pss_sha384', 'rsa_pss_rsae_sha384', 'rsa_pkcs1_sha384'],
    source: 'RFC 9151 (CNSA)',
  },
  certificateSignatures: {
    is: ['RSA SHA-384', 'RSA-PSS SHA-384', 'ECDSA SHA-384'],
    source: 'RFC 8603 (CNSA certificates); never SHA-1: EVVM SRG-NET-000230-VVSM-00101',
  },
  keys: {
    is: ['RSA', 'EC P-384'],
    source: 'RFC 8603 (CNSA certificates)',
  },
  rsaBits: {
    is: 3072,
    source: 'RFC 8603, RFC 9151 (CNSA)',
  },
  purposes: {
    is: 'own-side',
    source: 'our choice: the PKI can issue both usages, RFC 5280 §4.2.1.12',
  },
  anchors: {
    is: 'named',
    source: 'ALG SRG-NET-000355-ALG-000117: CAs that the DoD approves, no store of an operating system',
  },
  revocation: {
    is: 'hard',
    source: 'ALG SRG V-205001 (SRG-NET-000345-ALG-000099): without valid data of revocation, deny',
  },
  reauthenticate: {
    is: 60,
    source:
      'EVVM SRG-NET-000338-VVSM-00102: at least every hour; said of trunks of voice, which streams between servers are likened to by our choice',
  },
  dialback: {
    is: false,
    source: 'our choice: it proves DNS and no identity (XEP-0220 §1), and the SRGs want PKI',
  },
  fips: {
    is: 'required',
    source: 'EVVM SRG-NET-000510-VVSM-00101; NIST SP 800-52 rev. 2 §3.3.3',
  },
  plaintextCore: {
    is: false,
    source: 'our choice, after EVVM SRG-NET-000371: nothing crosses a network in plaintext',
  },
}
