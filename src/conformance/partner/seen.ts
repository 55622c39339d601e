// What a run asks the gateway that it plays through, and of the answers that which it reads. Whoever starts the run brings
// the asking: the answers are those of the gateway's own operations.

import type { Certificate, Fault } from './facts.ts'

/** Of the live test of a partner. */
export interface Tested {
  /** Why the domain may not federate with us, if it may not. */
  readonly ours: { readonly refused?: string | undefined }
  readonly dns?: { readonly routes: boolean; readonly fallback: boolean } | undefined
  readonly attempts: readonly {
    readonly host: string
    readonly port: number
    readonly tls: 'starttls' | 'direct'
    readonly address: string
    readonly offers: readonly {
      readonly when: 'plain' | 'secured' | 'authenticated'
      readonly features: readonly string[]
      readonly mechanisms: readonly string[]
    }[]
    readonly certificate?:
      | {
          readonly certificates: readonly Certificate[]
          readonly matching?: string | undefined
          readonly proven: boolean
          readonly anchor?: string | undefined
        }
      | undefined
    readonly readyMs?: number | undefined
  }[]
  readonly findings: readonly (Fault & { readonly severity: 'fault' | 'note' })[]
}

/** A stream that is up. */
export interface SeenStream {
  readonly id: string
  readonly leg: 'partner' | 'core'
  readonly role: 'receiving' | 'initiating'
  readonly remote: string
  readonly peerAddress: string
  readonly bidi: boolean
  readonly tls?:
    | {
        readonly start: 'starttls' | 'direct'
        readonly version: string
        readonly cipher: string
        readonly group?: string | undefined
      }
    | undefined
  readonly method: string
  readonly acks?: object | undefined
  readonly stanzasIn: number
  readonly stanzasOut: number
}

/** Everything that is known of a partner. */
export interface Seen {
  readonly tested: Tested
  readonly streams: readonly SeenStream[]
  readonly floor: string
}

/** Asks the gateway that runs in a directory. */
export interface Asking {
  test(domain: string): Promise<Tested>
  streams(): Promise<readonly SeenStream[]>
  /** By what the domain has to prove its name, as its entry says. */
  floorOf(domain: string): Promise<string>
  block(domain: string): Promise<void>
  allow(domain: string): Promise<void>
}
