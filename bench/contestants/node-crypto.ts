// OpenSSL as Node has it, asked for signatures and nothing else: what judging a chain of certificates costs at least.

import type { Contestant } from './contestant.ts'

/** A check of signatures serves nobody. */
export const ONLY_SIGNATURES = 'it only checks signatures'

export const nodeCrypto: Contestant = {
  name: 'node-crypto',
  about: 'node:crypto checking the signatures of certificates that have been read: the limit of judging a chain',
  kind: 'limit',
  programs: [],
  version: () => Promise.resolve(`Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`),
  refuses: () => ONLY_SIGNATURES,
  ends: () => ({ source: [], sink: [] }),
  start: () => Promise.reject(new Error(ONLY_SIGNATURES)),
}
