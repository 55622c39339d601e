// What a profile is: the rules of protocol and cryptography by which we meet a partner, one line for each rule, each with
// where it comes from. The profiles themselves are `standard.ts`, `nato.ts` and `dod.ts`, to be read by whoever answers
// for security.
//
// Rule 1: a line says what it demands and its source: a document that anybody can look up, or `our choice` and why.
// Rule 2: profiles are nested: whatever a stricter one permits, the laxer ones permit too. So a partner under a stricter
//         one is served by a listener under a laxer one, and is held to its own once it has proven who it is.

export type ProfileName = 'standard' | 'nato' | 'dod'

/** One rule: what is demanded, and who says so. */
export interface Line<T> {
  readonly is: T
  readonly source: string
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

/**
 * Extended key usages of the peer's own certificate; one without the extension is for every use.
 * `either`: for servers or for clients of TLS, whichever it is here: public CAs no longer issue clientAuth, and servers
 * of XMPP are both. `own-side`: clientAuth where the peer is the client, serverAuth where it is the server. `both`: both.
 */
export type Purposes = 'either' | 'own-side' | 'both'

export interface Profile {
  readonly name: ProfileName
  /** For whom it is. */
  readonly about: string
  readonly versions: Line<readonly TlsVersion[]>
  /** Of TLS 1.3, the preferred one first. */
  readonly suites: Line<readonly string[]>
  /** Of TLS 1.2, as OpenSSL names them. */
  readonly olderSuites: Line<readonly string[]>
  /** For the exchange of keys, the preferred one first. */
  readonly groups: Line<readonly string[]>
  /** By which the other side signs in the handshake (RFC 8446 §4.2.3). */
  readonly signatures: Line<readonly string[]>
  /** By which certificates of a chain are signed. */
  readonly certificateSignatures: Line<readonly string[]>
  /** Kinds of keys in certificates: `RSA`, `EC` with its curve, `Ed25519`. */
  readonly keys: Line<readonly string[]>
  /** The shortest RSA key, in bits. */
  readonly rsaBits: Line<number>
  /** What certificates of partners must be for, where they say it. */
  readonly purposes: Line<Purposes>
  /** May the CAs of the operating system vouch for partners, or only those that somebody has named? */
  readonly anchors: Line<'any' | 'named'>
  /** Must it be known that certificates were not revoked? */
  readonly revocation: Line<'off' | 'soft' | 'hard'>
  /** After how many minutes at most does a partner prove its name anew? */
  readonly reauthenticate: Line<number | 'never'>
  /** May a partner prove its name by dialback (over TLS), where its entry says so? */
  readonly dialback: Line<boolean>
  /** Must cryptography be that of a provider validated under FIPS 140? */
  readonly fips: Line<'required' | 'reported'>
  /** May the core be met without TLS, as a component, where `core.plaintextNetworks` says so? */
  readonly plaintextCore: Line<boolean>
  /** How many log servers is the log to go to, at least? */
  readonly logServers: Line<number>
  /** Which notice do administrators accept before a command, where the settings have none of their own? */
  readonly notice: Line<'none' | 'DoD'>
}
