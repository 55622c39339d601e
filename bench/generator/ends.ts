// The two ends of a way through a contestant, as data: who connects to whom, and what is spoken there.

export interface End {
  /** Who opens the connection: we do, or the contestant. */
  readonly opens: 'we' | 'they'
  readonly port: number
  /**
   * server: a stream between servers (STARTTLS or direct TLS, SASL EXTERNAL) · component: XEP-0114 ·
   * tls, tcp: bytes, and nothing before them.
   */
  readonly speaks: 'server' | 'component' | 'tls' | 'tcp'
  /** Of a stream between servers that we open: TLS comes first (XEP-0368), in the place of STARTTLS. */
  readonly tls?: 'direct'
  /** The domain that we are at this end. */
  readonly local: string
  /** The domain that we address. */
  readonly remote: string
}

/** What an end needs to prove who it is. */
export interface Credentials {
  /** PEM, by domain. */
  readonly identities: Readonly<Record<string, Identity>>
  /** Of every component. */
  readonly secret: string
}

export interface Identity {
  readonly cert: string
  readonly key: string
}
