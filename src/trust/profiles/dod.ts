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
    source: 'RFC 9151 §5 (1.2 or 1.3, nothing older); NIST SP 800-52 rev. 2 (both); EVVM SRG-NET-000062-VVSM-00010',
  },
  suites: {
    is: ['TLS_AES_256_GCM_SHA384'],
    source: 'RFC 9151 §7',
  },
  olderSuites: {
    is: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
    source:
      'RFC 9151 §6; its two suites without ECDHE are left out by our choice, as RFC 9325 §4.1 advises: static RSA has no forward secrecy, and DHE in TLS 1.2 is fragile',
  },
  groups: {
    is: ['SecP384r1MLKEM1024', 'P-384'],
    source:
      'RFC 9151 §5.1 (P-384); its finite fields (§5.3) are left out by our choice. The hybrid with ML-KEM-1024 (FIPS 203) in front is our choice, on the way to CNSA 2.0: it contains P-384',
  },
  signatures: {
    is: ['ecdsa_secp384r1_sha384', 'rsa_pss_pss_sha384', 'rsa_pss_rsae_sha384', 'rsa_pkcs1_sha384'],
    source: 'RFC 9151 §6.2, §7.1',
  },
  certificateSignatures: {
    is: ['RSA SHA-384', 'RSA-PSS SHA-384', 'ECDSA SHA-384'],
    source:
      'RFC 8603 §4.1 and §5.1 (SHA-384 and nothing else), RFC 9151 §6.3 and §7.2 (RSA-PSS); SHA-2 or better: EVVM SRG-NET-000230-VVSM-00101',
  },
  keys: {
    is: ['RSA', 'EC P-384'],
    source: 'RFC 8603 §4.1 and §5.4',
  },
  rsaBits: {
    is: 3072,
    source: 'RFC 9151 §5.2, RFC 8603 §4.1; both have 3072 and 4096 bits only, longer ones are taken by our choice',
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
    source:
      'RFC 9151 §6.7 and §7.5: every CA publishes it; ALG SRG V-205001 (SRG-NET-000345-ALG-000099): a cache of such data, or deny where there is none',
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
    source: 'EVVM SRG-NET-000510-VVSM-00101',
  },
  plaintextCore: {
    is: false,
    source: 'our choice, after EVVM SRG-NET-000371: nothing crosses a network in plaintext',
  },
  logServers: {
    is: 2,
    source: 'EVVM SRG-NET-000334-VVSM: off-loaded, by boundary devices to two; NDM SRG-APP-000516-NDM-000350',
  },
  notice: {
    is: 'DoD',
    source: 'EVVM SRG-NET-000041 and -000042-VVSM, NDM SRG-APP-000068 and -000069; the text is that of DTM 08-060',
  },
}
